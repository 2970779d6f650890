/* The floor under any server that sends each message to each reader by itself: one epoll, one send per
 * reader and message, no queue, no check, no protocol beyond the frames. PORT 0 takes a free one and
 * prints it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../harness/frames.h"

enum { READERS = 20100 };

static struct stream streams[READERS];
static char upgraded[READERS];
static int members[READERS], place[READERS], count;

static void leave(int fd)
{
    if (upgraded[fd]) {
        members[place[fd]] = members[--count];
        place[members[count]] = place[fd];
    }
    upgraded[fd] = 0;
    close(fd);
}

static void everyone(const char *payload, size_t length)
{
    char frame[HEAD + 16];
    size_t size = put(frame, TEXT, payload, length, 0);
    for (int m = 0; m < count; m++)
        send(members[m], frame, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void enter(int fd)
{
    static const char yes[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\n\r\n";
    send(fd, yes, sizeof yes - 1, MSG_NOSIGNAL);
    memset(&streams[fd], 0, sizeof streams[fd]);
    upgraded[fd] = 1;
    place[fd] = count;
    members[count++] = fd;
}

static void readable(int fd)
{
    static char data[1 << 16];
    ssize_t size = recv(fd, data, sizeof data, MSG_DONTWAIT);
    if (size <= 0) {
        leave(fd);
        return;
    }
    if (!upgraded[fd]) {
        enter(fd);
        return;
    }
    for (uint64_t at = 0, used; at < (uint64_t)size; at += used)
        if (take(&streams[fd], data + at, (uint64_t)size - at, &used) && streams[fd].opcode == TEXT)
            everyone(streams[fd].head, streams[fd].head_has);
}

int main(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    struct epoll_event event = {.events = EPOLLIN}, ready[256];
    int listener = socket(AF_INET, SOCK_STREAM, 0), epoll_fd = epoll_create1(0), yes = 1;
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 4096))
        return 1;
    getsockname(listener, (struct sockaddr *)&here, &size);
    printf("port %d\n", ntohs(here.sin_port));
    fflush(stdout);
    event.data.fd = listener;
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int found = epoll_wait(epoll_fd, ready, 256, -1);
        for (int e = 0; e < found; e++) {
            if (ready[e].data.fd != listener) {
                readable(ready[e].data.fd);
                continue;
            }
            int fd = accept(listener, NULL, NULL);
            if (fd < 0 || fd >= READERS)
                continue;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            event.data.fd = fd;
            epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
        }
    }
}
