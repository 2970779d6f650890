/* What this machine's kernel can send over loopback from one core, whatever program asks:
 * raw HOW SECONDS, where HOW is sendto, sendmmsg or the segments of one GSO send. Prints packets a CPU
 * second. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { SIZE = 1100, SINKS = 64, BATCH = 32 };

static struct sockaddr_in sinks[SINKS];
static char data[64 * SIZE];

static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

static void open_sinks(void)
{
    int small = 1;
    for (int s = 0; s < SINKS; s++) {
        socklen_t size = sizeof sinks[s];
        int fd = socket(AF_INET, SOCK_DGRAM, 0);
        sinks[s] = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        /* Nobody reads them: what does not fit is dropped at the receiver, after all the work. */
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        if (bind(fd, (struct sockaddr *)&sinks[s], size) || getsockname(fd, (struct sockaddr *)&sinks[s], &size))
            exit(1);
    }
}

static long send_some(int fd, int segments, int batched, unsigned sink)
{
    char control[CMSG_SPACE(sizeof(uint16_t))] = {0};
    struct iovec part = {data, SIZE};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_namelen = sizeof sinks[0]};
    message.msg_name = &sinks[sink % SINKS];
    if (batched) {
        struct mmsghdr messages[BATCH];
        for (unsigned m = 0; m < BATCH; m++) {
            messages[m].msg_hdr = message;
            messages[m].msg_hdr.msg_name = &sinks[(sink + m) % SINKS];
        }
        int sent = sendmmsg(fd, messages, BATCH, 0);
        return sent > 0 ? sent : 0;
    }
    if (segments > 1) {
        uint16_t size = SIZE;
        part.iov_len = (size_t)segments * SIZE;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_UDP;
        head->cmsg_type = UDP_SEGMENT;
        head->cmsg_len = CMSG_LEN(sizeof size);
        memcpy(CMSG_DATA(head), &size, sizeof size);
    }
    return sendmsg(fd, &message, 0) > 0 ? segments : 0;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    int batched = !strcmp(argv[1], "sendmmsg");
    int segments = batched || !strcmp(argv[1], "sendto") ? 1 : atoi(argv[1]);
    int fd = socket(AF_INET, SOCK_DGRAM, 0), large = 4 << 20;
    double begun = cpu_seconds(), seconds = atof(argv[2]);
    long packets = 0;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
    open_sinks();
    for (unsigned sink = 0; cpu_seconds() - begun < seconds;)
        for (int round = 0; round < 200; round++, sink += BATCH + 1)
            packets += send_some(fd, segments, batched, sink);
    printf("%.0f\n", (double)packets / (cpu_seconds() - begun));
    return 0;
}
