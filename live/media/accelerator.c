/* The forwarder's inner loop: a run of packets rewritten, protected and sent to one viewer.
 *
 * Optional: live/media/writing.py does the same in Python, and the same tests run on both. It links to
 * nothing but the C library; libsrtp's function comes as a pointer, so that keys and streams stay where
 * pylibsrtp made them. Nothing here allocates, and nothing is kept between two calls.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

/* <linux/udp.h>; older headers have no names for them. */
enum { LEVEL_UDP = 17, SEGMENT = 103 };

enum { HEADER = 12, EXTENSION_BIT = 0x10, ARENA = 1 << 17, ADDRESS = 28 };

/* What accelerator.py checks before it believes the layouts below. */
enum { VERSION = 2 };

typedef int (*protect_function)(void *session, void *packet, int *length);

struct packet {
    const uint8_t *payload;
    uint32_t timestamp;
    uint16_t size;
    uint16_t sequence;
    uint8_t first;
    uint8_t marker;
};

struct run {
    const struct packet *packets;
    uint32_t count;
    uint32_t size; /* payload bytes of every packet but possibly the last */
};

struct target {
    void *session;
    uint32_t ssrc;
    uint32_t timestamp_offset;
    uint16_t sequence_offset;
    uint8_t payload_type;
    uint8_t overhead;
    uint16_t extension_size;
    uint16_t address_size;
    uint8_t address[ADDRESS];
};

/* What is the same for all viewers of one frame; the last two tell how the latest call went. */
struct batch {
    const struct run *runs;
    protect_function protect;
    uint32_t count;
    int32_t fd;
    int32_t segments; /* whether the kernel cuts a send into datagrams */
    int32_t refusal;  /* errno of a segmented send that was not possible, else 0 */
    uint32_t octets;
};

static uint8_t arena[ARENA];

int causerie_version(void)
{
    return VERSION;
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

/* Write and protect a run; its bytes in the arena, 0 if libsrtp refused a packet. */
static size_t write_run(protect_function protect, const struct target *target, const struct run *run,
                        const uint8_t *extensions)
{
    uint8_t *at = arena;
    size_t extension_size = target->extension_size;
    for (uint32_t p = 0; p < run->count; p++) {
        const struct packet *packet = &run->packets[p];
        int length = (int)(HEADER + extension_size + packet->size);
        if (at + length + target->overhead > arena + ARENA)
            return 0;
        at[0] = packet->first | (extension_size ? EXTENSION_BIT : 0);
        at[1] = packet->marker | target->payload_type;
        put16(at + 2, (uint32_t)packet->sequence + target->sequence_offset);
        put32(at + 4, packet->timestamp + target->timestamp_offset);
        put32(at + 8, target->ssrc);
        memcpy(at + HEADER, extensions, extension_size);
        memcpy(at + HEADER + extension_size, packet->payload, packet->size);
        if (protect(target->session, at, &length))
            return 0;
        at += length;
    }
    return (size_t)(at - arena);
}

static ssize_t send_part(int fd, const struct target *target, size_t from, size_t size, uint16_t segment)
{
    union {
        struct cmsghdr head;
        uint8_t space[CMSG_SPACE(sizeof segment)];
    } control;
    struct iovec part = {arena + from, size};
    struct msghdr message = {.msg_name = (void *)target->address,
                             .msg_namelen = target->address_size,
                             .msg_iov = &part,
                             .msg_iovlen = 1};
    if (segment) {
        memset(&control, 0, sizeof control);
        control.head.cmsg_level = LEVEL_UDP;
        control.head.cmsg_type = SEGMENT;
        control.head.cmsg_len = CMSG_LEN(sizeof segment);
        memcpy(CMSG_DATA(&control.head), &segment, sizeof segment);
        message.msg_control = &control;
        message.msg_controllen = sizeof control.space;
    }
    return sendmsg(fd, &message, MSG_DONTWAIT);
}

/* Send the arena's first `size` bytes; how many datagrams of at most `segment` bytes the kernel took. */
static uint32_t send_run(struct batch *batch, const struct target *target, size_t size, size_t segment)
{
    uint32_t sent = 0;
    if (batch->segments && size > segment) {
        if (send_part(batch->fd, target, 0, size, (uint16_t)segment) >= 0)
            return (uint32_t)((size + segment - 1) / segment);
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return 0;
        batch->refusal = errno;
    }
    for (size_t from = 0; from < size; from += segment)
        sent += send_part(batch->fd, target, from, size - from < segment ? size - from : segment, 0) >= 0;
    return sent;
}

/* Send a frame to one viewer; how many packets the kernel took. */
uint32_t causerie_send(const struct target *target, struct batch *batch, const uint8_t *extensions)
{
    uint32_t packets = 0;
    batch->refusal = 0;
    batch->octets = 0;
    for (uint32_t r = 0; r < batch->count; r++) {
        const struct run *run = &batch->runs[r];
        size_t segment = HEADER + (size_t)target->extension_size + run->size + target->overhead;
        size_t size = write_run(batch->protect, target, run, extensions);
        uint32_t sent = size ? send_run(batch, target, size, segment) : 0;
        packets += sent;
        if (sent == run->count)
            for (uint32_t p = 0; p < sent; p++)
                batch->octets += run->packets[p].size;
    }
    return packets;
}
