/* What viewers get, without decrypting it: an RTP header stays clear under SRTP. Sockets come connected
 * and secured; one call watches all of them for a while. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, STREAMS = 4, HEAD = 12 };

struct stream {
    uint32_t ssrc;
    uint16_t first, highest;
    uint32_t cycles, packets;
};

/* Filled by Python: see count.py. */
struct viewer {
    int fd;
    struct stream streams[STREAMS];
};

struct total {
    uint64_t packets, bytes, lost, viewers_without;
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void note(struct viewer *viewer, const unsigned char *head)
{
    uint32_t ssrc = (uint32_t)head[8] << 24 | (uint32_t)head[9] << 16 | (uint32_t)head[10] << 8 | head[11];
    uint16_t sequence = (uint16_t)(head[2] << 8 | head[3]);
    for (int s = 0; s < STREAMS; s++) {
        struct stream *stream = &viewer->streams[s];
        if (stream->packets == 0) {
            stream->ssrc = ssrc;
            stream->first = stream->highest = sequence;
        } else if (stream->ssrc != ssrc) {
            continue;
        }
        stream->packets++;
        if ((int16_t)(sequence - stream->highest) > 0) {
            if (sequence < stream->highest)
                stream->cycles++;
            stream->highest = sequence;
        }
        return;
    }
}

static void drain(struct viewer *viewer, struct total *total)
{
    static unsigned char heads[BATCH][HEAD];
    struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH];
    int got;
    for (int m = 0; m < BATCH; m++) {
        parts[m] = (struct iovec){heads[m], HEAD};
        messages[m] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[m], .msg_iovlen = 1}};
    }
    do {
        got = recvmmsg(viewer->fd, messages, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
        for (int m = 0; m < got; m++) {
            const unsigned char *head = heads[m];
            /* RFC 7983 and 5761: media from 128 on, RTCP by its packet type. */
            if (messages[m].msg_len < HEAD || head[0] < 128 || head[0] > 191)
                continue;
            if (head[1] >= 192 && head[1] <= 223)
                continue;
            total->packets++;
            total->bytes += messages[m].msg_len;
            note(viewer, head);
        }
    } while (got == BATCH);
}

/* Watch for so many seconds; `total` is of the viewers from `from` to before `to`. */
int watch(struct viewer *viewers, int count, int from, int to, double seconds, struct total *total)
{
    struct epoll_event event = {.events = EPOLLIN}, ready[256];
    struct total others = {0};
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    double end = seconds_now() + seconds;
    if (epoll_fd < 0)
        return -1;
    memset(total, 0, sizeof *total);
    for (int v = 0; v < count; v++) {
        memset(viewers[v].streams, 0, sizeof viewers[v].streams);
        event.data.u32 = (uint32_t)v;
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, viewers[v].fd, &event)) {
            close(epoll_fd);
            return -1;
        }
    }
    while (seconds_now() < end) {
        int found = epoll_wait(epoll_fd, ready, 256, 20);
        for (int e = 0; e < found; e++) {
            int v = (int)ready[e].data.u32;
            drain(&viewers[v], v >= from && v < to ? total : &others);
        }
    }
    close(epoll_fd);
    for (int v = from; v < to; v++) {
        uint32_t packets = 0;
        for (int s = 0; s < STREAMS; s++) {
            const struct stream *stream = &viewers[v].streams[s];
            if (stream->packets == 0)
                continue;
            uint32_t span = (stream->cycles << 16) + stream->highest - stream->first + 1;
            total->lost += span > stream->packets ? span - stream->packets : 0;
            packets += stream->packets;
        }
        total->viewers_without += packets == 0;
    }
    return 0;
}
