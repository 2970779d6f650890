/* The fan-out's inner loop: the same bytes to many connections.
 *
 * Optional: live/gateway/volley.py does the same in Python, and the same tests run on both. It links to
 * nothing but the C library, allocates nothing and keeps nothing between two calls.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/* What accelerator.py checks before it believes the layout below. */
enum { VERSION = 1 };

int causerie_version(void)
{
    return VERSION;
}

/* Send `size` bytes to each of `count` sockets without waiting. `taken` tells how many bytes each took,
 * -1 where the connection is gone; the answer is how many of them did not take all. */
uint32_t causerie_volley(const int32_t *descriptors, uint32_t count, const uint8_t *data, uint64_t size,
                         int64_t *taken)
{
    uint32_t short_of = 0;
    for (uint32_t at = 0; at < count; at++) {
        ssize_t sent;
        do
            sent = send(descriptors[at], data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        while (sent < 0 && errno == EINTR);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            sent = 0;
        taken[at] = sent;
        short_of += sent != (ssize_t)size;
    }
    return short_of;
}
