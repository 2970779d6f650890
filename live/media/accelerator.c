/* The forwarder's inner loop: a frame rewritten, protected and sent to all who follow it.
 *
 * Optional: live/media/writing.py does the same in Python, and the same tests run on both. It links to
 * nothing but the C library; libsrtp's function comes as a pointer, so that keys and streams stay where
 * pylibsrtp made them. Nothing here allocates, and the only memory kept between two calls is the caller's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

/* <linux/udp.h>; older headers have no names for them. */
enum { LEVEL_UDP = 17, SEGMENT = 103 };

enum {
    HEADER = 12,
    EXTENSION_BIT = 0x10,
    EXTENSIONS = 64, /* bytes of a block at the most */
    TIME_AT = 5,     /* where a timed block has its 24 bits of time */
    ADDRESS = 28,
    PARCELS = 64,     /* sends that one system call takes together */
    ARENA = 1 << 17,  /* bytes of them */
    TRAILER = 256     /* more than libsrtp ever adds to a packet */
};

/* What accelerator.py checks before it believes the layouts below. */
enum { VERSION = 3 };

typedef int (*protect_function)(void *session, void *packet, int *length);

/* The packets of a frame stand in a row, their payloads in a row behind them. */
struct packet {
    uint32_t payload; /* where it begins among the payloads */
    uint32_t timestamp;
    uint16_t size;
    uint16_t sequence;
    uint8_t first;
    uint8_t marker;
    uint8_t ends_run; /* the next one cannot be in the same send */
    uint8_t picture_at;
    uint8_t wide;
    uint8_t level_at;
    uint8_t unused[2];
};

struct target {
    void *session;
    uint64_t packets;
    uint64_t octets;
    uint64_t dropped;
    uint32_t ssrc;
    uint32_t timestamp_offset;
    uint16_t sequence_offset;
    uint16_t pictures;
    uint8_t levels;
    uint8_t payload_type;
    uint8_t overhead;
    uint8_t timed;
    uint8_t extension_size;
    uint8_t address_size;
    uint8_t address[ADDRESS];
    uint8_t extension[EXTENSIONS];
};

union control {
    struct cmsghdr head;
    uint8_t space[CMSG_SPACE(sizeof(uint16_t))];
};

/* One send on its way: a run, or one datagram where the kernel does not cut. */
struct parcel {
    struct target *target;
    uint32_t count;
    uint32_t octets;
    uint16_t segment;
};

/* The first five are accelerator.py's; the last two of them tell how the latest call went. */
struct outbox {
    protect_function protect;
    int32_t fd;
    int32_t segments; /* whether the kernel cuts a send into datagrams */
    int32_t refusal;  /* errno of a segmented send that was not possible, else 0 */
    uint32_t dropped;
    uint32_t used;
    uint32_t count;
    struct mmsghdr messages[PARCELS];
    struct iovec parts[PARCELS];
    struct parcel parcels[PARCELS];
    union control controls[PARCELS];
    uint8_t arena[ARENA + TRAILER];
};

int causerie_version(void)
{
    return VERSION;
}

uint32_t causerie_outbox_bytes(void)
{
    return sizeof(struct outbox);
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

static void drop(struct outbox *outbox, struct target *target, uint32_t count)
{
    target->dropped += count;
    outbox->dropped += count;
}

/* Count one parcel as taken by the kernel. */
static void credit(const struct parcel *parcel)
{
    parcel->target->packets += parcel->count;
    parcel->target->octets += parcel->octets;
}

/* Send a parcel's datagrams one by one, as the kernel would not cut it. */
static void send_singly(struct outbox *outbox, uint32_t index)
{
    const struct parcel *parcel = &outbox->parcels[index];
    struct target *target = parcel->target;
    struct msghdr message = outbox->messages[index].msg_hdr;
    uint32_t around = HEADER + (uint32_t)target->extension_size + target->overhead;
    uint8_t *at = outbox->parts[index].iov_base;
    size_t left = outbox->parts[index].iov_len;
    message.msg_control = NULL;
    message.msg_controllen = 0;
    while (left) {
        struct iovec part = {at, left < parcel->segment ? left : parcel->segment};
        message.msg_iov = &part;
        if (sendmsg(outbox->fd, &message, MSG_DONTWAIT) >= 0) {
            target->packets++;
            target->octets += part.iov_len - around;
        } else {
            drop(outbox, target, 1);
        }
        at += part.iov_len;
        left -= part.iov_len;
    }
}

/* Hand the kernel all that waits; what it does not take is dropped, not waited for. */
static void post(struct outbox *outbox)
{
    uint32_t done = 0;
    while (done < outbox->count) {
        int taken = sendmmsg(outbox->fd, outbox->messages + done, outbox->count - done, MSG_DONTWAIT);
        if (taken > 0) {
            for (int t = 0; t < taken; t++)
                credit(&outbox->parcels[done + (uint32_t)t]);
            done += (uint32_t)taken;
            continue;
        }
        if (errno == EINTR)
            continue;
        /* It is the first one that failed. */
        const struct parcel *parcel = &outbox->parcels[done];
        if (parcel->count > 1 && errno != EAGAIN && errno != EWOULDBLOCK) {
            outbox->refusal = errno;
            send_singly(outbox, done);
        } else {
            drop(outbox, parcel->target, parcel->count);
        }
        done++;
    }
    outbox->count = outbox->used = 0;
}

static void add_parcel(struct outbox *outbox, struct target *target, uint8_t *from, size_t size,
                       uint32_t count, uint32_t octets, size_t segment)
{
    uint32_t index = outbox->count++;
    struct msghdr *message = &outbox->messages[index].msg_hdr;
    outbox->parcels[index] = (struct parcel){target, count, octets, (uint16_t)segment};
    outbox->parts[index] = (struct iovec){from, size};
    *message = (struct msghdr){.msg_name = target->address,
                               .msg_namelen = target->address_size,
                               .msg_iov = &outbox->parts[index],
                               .msg_iovlen = 1};
    if (count > 1) {
        union control *control = &outbox->controls[index];
        uint16_t cut = (uint16_t)segment;
        memset(control, 0, sizeof *control);
        control->head.cmsg_level = LEVEL_UDP;
        control->head.cmsg_type = SEGMENT;
        control->head.cmsg_len = CMSG_LEN(sizeof cut);
        memcpy(CMSG_DATA(&control->head), &cut, sizeof cut);
        message->msg_control = control;
        message->msg_controllen = sizeof control->space;
    }
}

/* Add what this viewer's numbers are ahead of the source's, as live/media/vp8.py does. */
static void renumber(uint8_t *payload, const struct packet *packet, const struct target *target)
{
    uint32_t at = packet->picture_at;
    if (at && at + packet->wide < packet->size) {
        if (packet->wide)
            put16(payload + at, 0x8000u | (((uint32_t)payload[at] << 8 | payload[at + 1]) + target->pictures));
        else
            payload[at] = (uint8_t)((payload[at] + target->pictures) & 0x7F);
    }
    at = packet->level_at;
    if (at && at < packet->size)
        payload[at] = (uint8_t)(payload[at] + target->levels);
}

/* Write and protect one packet; its bytes, 0 if libsrtp refused it. */
static int write_packet(const struct outbox *outbox, const struct target *target,
                        const struct packet *packet, const uint8_t *payload, uint8_t *at)
{
    uint32_t extension_size = target->extension_size;
    int length = (int)(HEADER + extension_size + packet->size);
    at[0] = packet->first | (extension_size ? EXTENSION_BIT : 0);
    at[1] = packet->marker | target->payload_type;
    put16(at + 2, (uint32_t)packet->sequence + target->sequence_offset);
    put32(at + 4, packet->timestamp + target->timestamp_offset);
    put32(at + 8, target->ssrc);
    memcpy(at + HEADER, target->extension, extension_size);
    memcpy(at + HEADER + extension_size, payload, packet->size);
    if (target->pictures || target->levels)
        renumber(at + HEADER + extension_size, packet, target);
    return outbox->protect(target->session, at, &length) ? 0 : length;
}

/* Put a run, all that one send can take, into the outbox. */
static void add_run(struct outbox *outbox, struct target *target, const struct packet *packets,
                    uint32_t count, const uint8_t *payloads)
{
    size_t around = HEADER + (size_t)target->extension_size + target->overhead;
    size_t segment = around + packets[0].size, most = 0;
    uint32_t octets = 0;
    for (uint32_t p = 0; p < count; p++) {
        most += around + packets[p].size;
        octets += packets[p].size;
    }
    if (most > ARENA || count > PARCELS) {
        drop(outbox, target, count);
        return;
    }
    if (outbox->used + most > ARENA || outbox->count + (outbox->segments ? 1 : count) > PARCELS)
        post(outbox);
    uint8_t *from = outbox->arena + outbox->used, *at = from;
    for (uint32_t p = 0; p < count; p++) {
        int length = write_packet(outbox, target, &packets[p], payloads + packets[p].payload, at);
        if (length <= 0 || (size_t)length != around + packets[p].size) {
            drop(outbox, target, count);
            return;
        }
        at += length;
    }
    if (outbox->segments) {
        add_parcel(outbox, target, from, (size_t)(at - from), count, octets, segment);
    } else {
        for (uint32_t p = 0; p < count; p++) {
            size_t size = around + packets[p].size;
            add_parcel(outbox, target, from, size, 1, packets[p].size, size);
            from += size;
        }
    }
    outbox->used = (uint32_t)(at - outbox->arena);
}

static int fits(const struct packet *packets, uint32_t count, size_t payload_bytes)
{
    for (uint32_t p = 0; p < count; p++)
        if (packets[p].payload > payload_bytes || packets[p].size > payload_bytes - packets[p].payload)
            return 0;
    return 1;
}

/* Send a frame of `count` packets, `size` bytes with their payloads, to all targets at `time` (24 bits of
 * 6.18 fixed point seconds); what became of it is counted in each. */
void causerie_send(struct target *const *targets, uint32_t target_count, const uint8_t *frame,
                   uint32_t count, uint32_t size, struct outbox *outbox, uint32_t time)
{
    const struct packet *packets = (const struct packet *)(const void *)frame;
    size_t table = (size_t)count * sizeof *packets;
    outbox->refusal = 0;
    outbox->dropped = outbox->used = outbox->count = 0;
    if (table > size || !fits(packets, count, size - table))
        return;
    for (uint32_t t = 0; t < target_count; t++) {
        struct target *target = targets[t];
        if (target->extension_size > EXTENSIONS || target->address_size > ADDRESS)
            continue;
        if (target->timed && target->extension_size >= TIME_AT + 3) {
            put16(target->extension + TIME_AT, time >> 8);
            target->extension[TIME_AT + 2] = (uint8_t)time;
        }
        for (uint32_t first = 0; first < count;) {
            uint32_t end = first;
            while (end < count - 1 && !packets[end].ends_run)
                end++;
            add_run(outbox, target, packets + first, end + 1 - first, frame + table);
            first = end + 1;
        }
    }
    post(outbox);
}
