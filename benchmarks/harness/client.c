/* A load client for one server on loopback: thousands of readers in one thread, on one epoll.
 *
 *     client HOST PORT causerie TOKENS   speaks causerie.v1; a line of TOKENS is a credential and a path
 *     client HOST PORT plain PATH        any server that hands each text frame to everyone
 *
 * It takes orders on standard input, one a line, and answers each with one line of JSON:
 *
 *     watch PID ...                    whose processor time the next answers tell
 *     connect N WINDOW HISTORY         N more readers, WINDOW handshakes at a time; a plain server
 *                                      hands each of them HISTORY buffered messages
 *     post RATE SECONDS POSTERS        messages at an even rate from the first POSTERS readers
 *     saturate INFLIGHT SECONDS POSTERS   as many as possible, INFLIGHT of them not yet everywhere
 *     pour INFLIGHT SECONDS            as many messages as are acknowledged, INFLIGHT of them not yet;
 *                                      here readers may be in several sessions
 *     react RATE SECONDS               reactions, each reader in turn; compares everyone's totals
 *     asleep N                         the last N readers read nothing any more
 *     idle SECONDS
 *
 * Every message has a slot: its `seq` at Causerie, the number in its text elsewhere. A slot counts the
 * readers that have it and keeps the moment at which the last of them had it, so that "lost" and
 * "post to last reader" are exact and not samples. Times are CLOCK_MONOTONIC. A message's clock starts
 * when it is written; how late that was against the plan is told as late_ms. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

enum { SLOTS = 1 << 21, READERS = 20000, PIDS = 64, KINDS = 5, PER_ADDRESS = 5000, DRAIN_S = 15, QUIET_S = 5 };

struct reader {
    int fd;
    enum { CONNECTING, UPGRADING, OPEN, GONE } state;
    int joined, asleep;
    uint32_t history, blank; /* `blank`: how much of the response's last four bytes is there */
    int64_t position, reactions[KINDS];
    struct stream in;
};

static struct reader readers[READERS + 1]; /* the last one stands for standard input */
static int64_t sent_at[SLOTS], last_at[SLOTS], post_at[SLOTS], ack_ns[SLOTS];
static uint32_t seen[SLOTS];
static const char *kinds[KINDS] = {"heart", "applause", "laugh", "surprise", "confused"};

static const char *host, *path;
static int port, plain, epoll_fd, opened, wanted, dozing, joined, failed, pids[PIDS], watched;
static struct { char token[96], path[96]; } *tokens;
static char last_refusal[32];
static int64_t base = -1, now_ns, due_ns, quiet_since;
static uint32_t posts, accepted, complete, history_wanted;
static int64_t reactions_sent[KINDS];
static uint64_t reaction_frames;

/* What one order adds up; cleared before each. */
static struct {
    uint64_t frames, bytes, deliveries, gaps, resyncs, closed, refused, acks, ack_ns;
    int64_t late_ns;
    int close_code;
} sum;

static int64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void end(const char *why)
{
    fprintf(stderr, "%s: %s\n", why, strerror(errno));
    exit(1);
}

/* --- one message and its readers ------------------------------------------------------------ */

static int audience(void)
{
    return opened - dozing;
}

static void arrived(int64_t slot)
{
    if (slot < 0 || slot >= SLOTS)
        return;
    last_at[slot] = quiet_since = now_ns;
    if (++seen[slot] == (uint32_t)audience() && sent_at[slot])
        complete++;
}

static void accept_post(uint32_t post, int64_t slot)
{
    if (post >= SLOTS || slot < 0 || slot >= SLOTS)
        return;
    sent_at[slot] = post_at[post];
    accepted++;
    if (seen[slot] == (uint32_t)audience())
        complete++;
}

/* --- frames ---------------------------------------------------------------------------------- */

static int64_t number_after(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? strtoll(at + strlen(name), NULL, 10) : -1;
}

static void transmit(struct reader *r, int opcode, const char *payload, size_t length)
{
    char frame[1024];
    size_t size = put(frame, opcode, payload, length, 1);
    if (send(r->fd, frame, size, MSG_NOSIGNAL) != (ssize_t)size)
        sum.gaps++; /* commands are small: only a server that reads nothing comes here */
}

static void on_events(struct reader *r, const char *head)
{
    int64_t after = number_after(head, "\"after\":"), upto = number_after(head, "\"upto\":");
    if (after != r->position)
        sum.gaps++;
    for (int64_t seq = after + 1; seq <= upto; seq++)
        arrived(seq - base);
    sum.deliveries += (uint64_t)(upto - after);
    r->position = upto;
}

static void on_position(struct reader *r, const char *head)
{
    r->position = number_after(head, "\"head\":");
    if (base < 0)
        base = r->position;
    if (!r->joined) {
        r->joined = 1;
        joined++;
    }
}

static void on_ack(const char *head)
{
    const char *id = strstr(head, "\"id\":\"") + 6;
    sum.acks++;
    if (*id == 'r')
        return;
    uint32_t post = (uint32_t)strtoul(id + 1, NULL, 10);
    if (sum.ack_ns < SLOTS)
        ack_ns[sum.ack_ns++] = now_ns - post_at[post % SLOTS];
    accept_post(post, number_after(head, "\"seq\":") - base);
}

static void on_refused(const char *head)
{
    const char *code = strstr(head, "\"code\":\"");
    sum.refused++;
    if (code)
        sscanf(code + 8, "%31[a-z_]", last_refusal);
}

static void on_text(struct reader *r)
{
    const char *head = r->in.head;
    sum.frames++;
    if (plain) {
        if (strncmp(head, "{\"n\":", 5) != 0)
            return;
        if (!r->joined) {
            r->joined = ++r->history >= history_wanted;
            joined += r->joined;
            return;
        }
        sum.deliveries++;
        arrived(strtoll(head + 5, NULL, 10));
    } else if (!strncmp(head, "{\"t\":\"events\"", 13)) {
        on_events(r, head);
    } else if (!strncmp(head, "{\"t\":\"pulse\"", 12)) {
        char name[32];
        for (int k = 0; k < KINDS; k++) {
            snprintf(name, sizeof name, "\"%s\":", kinds[k]);
            r->reactions[k] = number_after(head, name);
        }
    } else if (!strncmp(head, "{\"t\":\"ack\"", 10)) {
        on_ack(head);
    } else if (!strncmp(head, "{\"t\":\"refused\"", 14)) {
        on_refused(head);
    } else if (!strncmp(head, "{\"t\":\"hello\"", 12) || !strncmp(head, "{\"t\":\"snapshot\"", 15)) {
        sum.resyncs += r->joined != 0;
        on_position(r, head);
    }
}

static void on_frame(struct reader *r)
{
    switch (r->in.opcode) {
    case TEXT:
        on_text(r);
        break;
    case PING:
        transmit(r, PONG, r->in.head, r->in.head_has);
        break;
    case CLOSE:
        sum.close_code = (uint8_t)r->in.head[0] << 8 | (uint8_t)r->in.head[1];
        break;
    }
}

/* --- connections ------------------------------------------------------------------------------ */

static void gone(struct reader *r)
{
    if (r->state == GONE)
        return;
    if (!r->joined)
        failed++;
    r->state = GONE;
    close(r->fd);
    sum.closed++;
}

static void dial(int index)
{
    struct reader *r = &readers[index];
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
    struct epoll_event event = {.events = EPOLLOUT, .data.u32 = (uint32_t)index};
    int yes = 1;
    memset(r, 0, sizeof *r);
    r->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (r->fd < 0)
        end("socket");
    from.sin_addr.s_addr = htonl(0x7F000002u + (uint32_t)(index / PER_ADDRESS));
    to.sin_addr.s_addr = inet_addr(host);
    to.sin_port = htons((uint16_t)port);
    setsockopt(r->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    setsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    /* Ended by a reset: ten thousand ports would be unusable for a minute otherwise. */
    setsockopt(r->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    if (bind(r->fd, (struct sockaddr *)&from, sizeof from))
        end("bind");
    if (connect(r->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS)
        end("connect");
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, r->fd, &event);
}

static void upgrade(struct reader *r)
{
    char request[1024], protocol[200] = "";
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)(r - readers)};
    if (!plain)
        snprintf(protocol, sizeof protocol, "Sec-WebSocket-Protocol: causerie.v1, bearer.%s\r\n",
                 tokens[r - readers].token);
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n%s\r\n",
                        plain ? path : tokens[r - readers].path, host, port, protocol);
    if (send(r->fd, request, (size_t)size, MSG_NOSIGNAL) != size) {
        gone(r);
        return;
    }
    r->state = UPGRADING;
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, r->fd, &event);
}

/* Skip the response's head; how many bytes it took of these. */
static uint64_t response(struct reader *r, const char *data, uint64_t size)
{
    for (uint64_t at = 0; at < size; at++) {
        if (r->in.head_has < 12)
            r->in.head[r->in.head_has++] = data[at];
        r->blank = data[at] == "\r\n\r\n"[r->blank] ? r->blank + 1 : data[at] == '\r';
        if (r->blank < 4)
            continue;
        if (memcmp(r->in.head, "HTTP/1.1 101", 12) != 0) {
            gone(r);
            return size;
        }
        r->state = OPEN;
        r->in.head_has = 0;
        if (plain && !history_wanted) {
            r->joined = 1;
            joined++;
        }
        return at + 1;
    }
    return size;
}

static void readable(struct reader *r)
{
    static char data[1 << 18];
    ssize_t size = recv(r->fd, data, sizeof data, MSG_DONTWAIT);
    now_ns = clock_ns();
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0) {
        gone(r);
        return;
    }
    sum.bytes += (uint64_t)size;
    uint64_t at = r->state == UPGRADING ? response(r, data, (uint64_t)size) : 0, used;
    while (at < (uint64_t)size && r->state == OPEN) {
        if (take(&r->in, data + at, (uint64_t)size - at, &used))
            on_frame(r);
        at += used;
    }
}

/* --- the loop --------------------------------------------------------------------------------- */

/* Serve what is ready, for at most until `until`; `act` is called as soon as `due_ns` has come, also
 * between two readers, so that a round of reading does not make the next message late. */
static void pump(int64_t until, void (*act)(void))
{
    struct epoll_event ready[256];
    int64_t wait = (act && due_ns < until ? due_ns : until) - clock_ns();
    struct timespec timeout = {wait > 0 ? wait / 1000000000 : 0, wait > 0 ? wait % 1000000000 : 0};
    int count = epoll_pwait2(epoll_fd, ready, 256, &timeout, NULL);
    now_ns = clock_ns();
    if (act && now_ns >= due_ns)
        act();
    for (int e = 0; e < count; e++) {
        struct reader *r = &readers[ready[e].data.u32];
        if (r->state == GONE || r->asleep)
            continue;
        if (r->state == CONNECTING)
            ready[e].events & (EPOLLERR | EPOLLHUP) ? gone(r) : upgrade(r);
        else
            readable(r);
        if (act && now_ns >= due_ns)
            act();
    }
}

/* --- what posters write ------------------------------------------------------------------------ */

static const char *words[] = {"the",   "coat",  "green", "size",  "lovely", "when",  "price", "ship",
                              "blue",  "wool",  "today", "hello", "from",   "Lyon",  "which", "shoes",
                              "these", "match", "with",  "linen", "please", "again", "show",  "back"};

static int posters;
static unsigned long long nonce; /* a command's id means the same command for as long as a session lives */

static void post(void)
{
    char text[512], payload[640];
    uint32_t number = posts++, dice = number * 2654435761u;
    struct reader *r = &readers[number % (uint32_t)posters];
    size_t size = 0;
    if (r->state != OPEN || number >= SLOTS)
        return;
    for (int w = 0; w < 9; w++, dice = dice * 1664525u + 1013904223u)
        size += (size_t)sprintf(text + size, "%s ", words[(dice >> 16) % 24]);
    if (plain) {
        /* As long as one of Causerie's events on the wire is said to be: 250 bytes. */
        size = (size_t)sprintf(payload, "{\"n\":%010u,\"text\":\"%s", number, text);
        memset(payload + size, '.', 248 - size);
        memcpy(payload + 248, "\"}", 3);
    } else {
        sprintf(payload, "{\"id\":\"p%u-%llx\",\"type\":\"message.post\",\"data\":{\"text\":\"%sno %u\"}}",
                number, nonce, text, number);
    }
    post_at[number] = clock_ns();
    transmit(r, TEXT, payload, strlen(payload));
    if (plain)
        accept_post(number, number);
}

static void react(void)
{
    char payload[160];
    uint64_t number = reaction_frames++;
    int kind = (int)(number % KINDS), count = 1 + (int)(number % 3);
    reactions_sent[kind] += count;
    int size = sprintf(payload,
                       "{\"id\":\"r%llu-%llx\",\"type\":\"reaction.add\",\"data\":{\"kind\":\"%s\",\"count\":%d}}",
                       (unsigned long long)number, nonce, kinds[kind], count);
    transmit(&readers[number % (uint64_t)opened], TEXT, payload, (size_t)size);
}

static int64_t gap_ns;
static void (*what)(void);

static void on_schedule(void)
{
    while (now_ns >= due_ns) {
        if (now_ns - due_ns > sum.late_ns)
            sum.late_ns = now_ns - due_ns;
        what();
        due_ns += gap_ns;
        now_ns = clock_ns();
    }
}

/* --- orders ------------------------------------------------------------------------------------ */

static double watched_cpu_s(void)
{
    double ticks = 0;
    for (int p = 0; p < watched; p++) {
        char name[64], stat[1024];
        unsigned long user, kernel;
        snprintf(name, sizeof name, "/proc/%d/stat", pids[p]);
        FILE *file = fopen(name, "r");
        if (!file)
            continue;
        stat[fread(stat, 1, sizeof stat - 1, file)] = 0;
        fclose(file);
        char *at = strrchr(stat, ')');
        if (at && sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) == 2)
            ticks += (double)(user + kernel);
    }
    return ticks / (double)sysconf(_SC_CLK_TCK);
}

static double own_cpu_s(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double percentile_ms(int64_t *values, size_t count, double part)
{
    return count ? (double)values[(size_t)(part * (double)(count - 1))] / 1e6 : 0;
}

static struct {
    int64_t start;
    double cpu_s, own_s;
    uint32_t posts, accepted, complete;
} before;

static void begin(void)
{
    memset(&sum, 0, sizeof sum);
    last_refusal[0] = 0;
    before.posts = posts;
    before.accepted = accepted;
    before.complete = complete;
    before.cpu_s = watched_cpu_s();
    before.own_s = own_cpu_s();
    before.start = now_ns = clock_ns();
}

/* The answer's common part, up to and without the closing brace. */
static void answer(const char *order, double seconds)
{
    printf("{\"order\":\"%s\",\"seconds\":%.4f,\"server_cpu_s\":%.3f,\"client_cpu_s\":%.3f,"
           "\"readers\":%d,\"frames\":%llu,\"bytes\":%llu,\"deliveries\":%llu,\"gaps\":%llu,"
           "\"resyncs\":%llu,\"closed\":%llu,\"close_code\":%d,\"acks\":%llu,\"refused\":%llu,"
           "\"refusal\":\"%s\",\"late_ms\":%.2f",
           order, seconds, watched_cpu_s() - before.cpu_s, own_cpu_s() - before.own_s, audience(),
           (unsigned long long)sum.frames, (unsigned long long)sum.bytes,
           (unsigned long long)sum.deliveries, (unsigned long long)sum.gaps,
           (unsigned long long)sum.resyncs, (unsigned long long)sum.closed, sum.close_code,
           (unsigned long long)sum.acks, (unsigned long long)sum.refused, last_refusal,
           (double)sum.late_ns / 1e6);
}

static double since_start_s(void)
{
    return (double)(clock_ns() - before.start) / 1e9;
}

static void do_connect(int count, int window, uint32_t history)
{
    int first = opened, done = joined + failed;
    begin();
    history_wanted = history;
    wanted = opened + count;
    int64_t deadline = now_ns + 120000000000LL;
    while (joined + failed < wanted && now_ns < deadline) {
        while (opened < wanted && opened - joined - failed < window)
            dial(opened++);
        pump(deadline, NULL);
    }
    answer("connect", since_start_s());
    printf(",\"wanted\":%d,\"joined\":%d}\n", opened - first, joined + failed - done);
}

static void report_posts(const char *order, double window_s, uint64_t in_window)
{
    static int64_t delays[SLOTS];
    size_t count = 0, acks = (size_t)sum.ack_ns;
    uint64_t lost = 0, doubled = 0;
    for (int64_t slot = 0; slot < SLOTS; slot++) {
        if (!sent_at[slot] || sent_at[slot] < before.start)
            continue;
        uint32_t had = seen[slot], should = (uint32_t)audience();
        lost += had < should ? should - had : 0;
        doubled += had > should ? had - should : 0;
        if (had)
            delays[count++] = last_at[slot] - sent_at[slot];
    }
    qsort(delays, count, sizeof *delays, by_value);
    qsort(ack_ns, acks, sizeof *ack_ns, by_value);
    answer(order, since_start_s());
    printf(",\"window_s\":%.4f,\"in_window\":%llu,\"posts\":%u,\"accepted\":%u,\"complete\":%u,"
           "\"lost\":%llu,\"doubled\":%llu,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,"
           "\"ack_p50_ms\":%.2f,\"ack_p99_ms\":%.2f}\n",
           window_s, (unsigned long long)in_window, posts - before.posts,
           accepted - before.accepted, complete - before.complete, (unsigned long long)lost,
           (unsigned long long)doubled, percentile_ms(delays, count, 0.5),
           percentile_ms(delays, count, 0.99), percentile_ms(delays, count, 1),
           percentile_ms(ack_ns, acks, 0.5), percentile_ms(ack_ns, acks, 0.99));
}

/* Whether everything is everywhere; or, as with what the server holds back for review, is answered and
 * nothing has come for five seconds. */
static int settled(void)
{
    uint64_t mine = posts - before.posts;
    int quiet = now_ns - quiet_since > QUIET_S * 1000000000LL;
    return complete - before.complete + sum.refused >= mine ||
           (quiet && sum.acks + sum.refused >= mine);
}

static void drain(void)
{
    int64_t deadline = clock_ns() + DRAIN_S * 1000000000LL;
    while (!settled() && now_ns < deadline)
        pump(deadline < now_ns + 50000000 ? deadline : now_ns + 50000000, NULL);
}

static void do_post(double rate, double seconds, int from)
{
    begin();
    posters = from < opened ? from : opened;
    what = post;
    gap_ns = (int64_t)(1e9 / rate);
    due_ns = before.start;
    int64_t until = before.start + (int64_t)(seconds * 1e9);
    while (now_ns < until)
        pump(until, on_schedule);
    uint64_t in_window = sum.deliveries;
    drain();
    report_posts("post", seconds, in_window);
}

static int inflight;

static void refill(void)
{
    due_ns = INT64_MAX;
    while (posts - before.posts < complete - before.complete + sum.refused + (uint32_t)inflight)
        post();
}

static void do_saturate(int count, double seconds, int from)
{
    begin();
    posters = from < opened ? from : opened;
    inflight = count;
    int64_t until = before.start + (int64_t)(seconds * 1e9);
    while (now_ns < until) {
        due_ns = now_ns;
        pump(until, refill);
    }
    double window_s = since_start_s();
    uint64_t in_window = sum.deliveries;
    drain();
    report_posts("saturate", window_s, in_window);
}

static void repour(void)
{
    due_ns = INT64_MAX;
    while (posts - before.posts < sum.acks + sum.refused + (uint64_t)inflight)
        post();
}

static void do_pour(int count, double seconds)
{
    begin();
    posters = opened;
    inflight = count;
    int64_t until = before.start + (int64_t)(seconds * 1e9);
    while (now_ns < until) {
        due_ns = now_ns;
        pump(until, repour);
    }
    double window_s = since_start_s(), cpu_s = watched_cpu_s() - before.cpu_s;
    uint64_t in_window = sum.acks;
    int64_t deadline = clock_ns() + DRAIN_S * 1000000000LL;
    while (posts - before.posts > sum.acks + sum.refused && now_ns < deadline)
        pump(deadline < now_ns + 50000000 ? deadline : now_ns + 50000000, NULL);
    qsort(ack_ns, sum.ack_ns, sizeof *ack_ns, by_value);
    answer("pour", since_start_s());
    printf(",\"window_s\":%.4f,\"window_cpu_s\":%.3f,\"in_window\":%llu,\"posts\":%u,\"ack_p50_ms\":%.2f,"
           "\"ack_p99_ms\":%.2f}\n",
           window_s, cpu_s, (unsigned long long)in_window, posts - before.posts,
           percentile_ms(ack_ns, sum.ack_ns, 0.5), percentile_ms(ack_ns, sum.ack_ns, 0.99));
}

static void do_react(double rate, double seconds)
{
    int64_t first[KINDS], apart = 0, total = 0;
    begin();
    for (int k = 0; k < KINDS; k++)
        first[k] = readers[0].reactions[k] - reactions_sent[k];
    what = react;
    gap_ns = (int64_t)(1e9 / rate);
    due_ns = before.start;
    uint64_t frames = reaction_frames;
    int64_t until = before.start + (int64_t)(seconds * 1e9);
    while (now_ns < until)
        pump(until, on_schedule);
    double cpu_s = watched_cpu_s() - before.cpu_s;
    int64_t deadline = now_ns + 2000000000LL;
    while (now_ns < deadline)
        pump(deadline, NULL);
    for (int r = 0; r < opened; r++)
        for (int k = 0; k < KINDS; k++)
            apart += readers[r].reactions[k] != first[k] + reactions_sent[k];
    for (int k = 0; k < KINDS; k++)
        total += reactions_sent[k];
    answer("react", seconds);
    printf(",\"window_cpu_s\":%.3f,\"reaction_frames\":%llu,\"reactions\":%lld,\"apart\":%lld}\n", cpu_s,
           (unsigned long long)(reaction_frames - frames), (long long)total, (long long)apart);
}

static void do_asleep(int count)
{
    for (int r = opened - count; r < opened; r++) {
        readers[r].asleep = 1;
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, readers[r].fd, NULL);
    }
    dozing += count;
    begin();
    answer("asleep", 0);
    puts("}");
}

static void do_idle(double seconds)
{
    begin();
    int64_t until = before.start + (int64_t)(seconds * 1e9);
    while (now_ns < until)
        pump(until, NULL);
    answer("idle", since_start_s());
    puts("}");
}

static void do_watch(char *list)
{
    watched = 0;
    for (char *each = strtok(list, " \n"); each && watched < PIDS; each = strtok(NULL, " \n"))
        pids[watched++] = atoi(each);
    printf("{\"order\":\"watch\",\"watched\":%d}\n", watched);
}

static void obey(char *line)
{
    double a = 0, b = 0, c = 0;
    char order[16] = "";
    sscanf(line, "%15s %lf %lf %lf", order, &a, &b, &c);
    if (!strcmp(order, "watch"))
        do_watch(line + 5);
    else if (!strcmp(order, "connect"))
        do_connect((int)a, (int)b, (uint32_t)c);
    else if (!strcmp(order, "post"))
        do_post(a, b, (int)c);
    else if (!strcmp(order, "saturate"))
        do_saturate((int)a, b, (int)c);
    else if (!strcmp(order, "pour"))
        do_pour((int)a, b);
    else if (!strcmp(order, "react"))
        do_react(a, b);
    else if (!strcmp(order, "asleep"))
        do_asleep((int)a);
    else if (!strcmp(order, "idle"))
        do_idle(a);
    else
        printf("{\"error\":\"unknown order\"}\n");
    fflush(stdout);
}

static void read_tokens(const char *name)
{
    FILE *file = fopen(name, "r");
    if (!file)
        end(name);
    tokens = calloc(READERS, sizeof *tokens);
    for (int t = 0; t < READERS && fscanf(file, "%95s %95s", tokens[t].token, tokens[t].path) == 2; t++)
        ;
    fclose(file);
}

int main(int argc, char **argv)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = READERS};
    char line[512];
    if (argc < 5) {
        fputs("client HOST PORT plain PATH | causerie TOKENS\n", stderr);
        return 2;
    }
    host = argv[1];
    port = atoi(argv[2]);
    plain = !strcmp(argv[3], "plain");
    path = argv[4];
    if (!plain)
        read_tokens(argv[4]);
    epoll_fd = epoll_create1(0);
    nonce = (unsigned long long)clock_ns();
    setvbuf(stdin, NULL, _IONBF, 0);
    readers[READERS].state = GONE;
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &event);
    for (;;) {
        /* Readers go on reading between two orders. */
        struct pollfd input = {0, POLLIN, 0};
        if (poll(&input, 1, 0) == 1) {
            if (!fgets(line, sizeof line, stdin))
                return 0;
            obey(line);
        } else {
            pump(clock_ns() + 1000000000, NULL);
        }
    }
}
