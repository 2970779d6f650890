/* WebSocket frames as the load client and the floor server read them: a stream in, each frame's first
 * bytes kept, the rest counted and dropped, so that a connection needs no buffer however large its
 * frames are. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdint.h>
#include <string.h>

enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10, HEAD = 255 };

struct stream {
    uint64_t left;      /* payload bytes of the current frame that are still to come */
    uint64_t length;    /* payload bytes of the current frame */
    uint8_t header[14]; /* as far as it has come */
    uint8_t header_has, header_needs, opcode, masked, head_has;
    char head[HEAD + 1]; /* the payload's first bytes, unmasked, ended by a zero */
};

/* Bytes of a header whose first two bytes are known. */
static inline uint8_t header_size(const uint8_t *two)
{
    uint8_t length = two[1] & 127;
    return (uint8_t)(2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + (two[1] & 128 ? 4 : 0));
}

static inline void open_frame(struct stream *s)
{
    uint8_t *at = s->header + 2;
    s->length = s->header[1] & 127;
    if (s->length >= 126) {
        int bytes = s->length == 126 ? 2 : 8;
        for (s->length = 0; bytes--; at++)
            s->length = s->length << 8 | *at;
    }
    s->left = s->length;
    s->opcode = s->header[0] & 15;
    s->masked = s->header[1] >> 7;
    s->head_has = 0;
}

static inline void keep_head(struct stream *s, const char *data, uint64_t size)
{
    const uint8_t *key = s->header + s->header_has - 4;
    while (size-- && s->head_has < HEAD) {
        s->head[s->head_has] = (char)(*data++ ^ (s->masked ? key[s->head_has & 3] : 0));
        s->head_has++;
    }
    s->head[s->head_has] = 0;
}

/* Take bytes up to the end of one frame; 1 when that frame is whole. *used says how many were taken. */
static inline int take(struct stream *s, const char *data, uint64_t size, uint64_t *used)
{
    uint64_t at = 0;
    while (s->header_has < 2 || s->header_has < s->header_needs) {
        if (at == size) {
            *used = at;
            return 0;
        }
        s->header[s->header_has++] = (uint8_t)data[at++];
        if (s->header_has == 2)
            s->header_needs = header_size(s->header);
        if (s->header_has >= 2 && s->header_has == s->header_needs)
            open_frame(s);
    }
    uint64_t part = size - at < s->left ? size - at : s->left;
    keep_head(s, data + at, part);
    s->left -= part;
    *used = at + part;
    if (s->left)
        return 0;
    s->header_has = s->header_needs = 0;
    return 1;
}

/* A frame of at most 65,535 bytes into `out`; the mask of a client is zero, which leaves its text as
 * it is and costs the server the same. Returns its size. */
static inline size_t put(char *out, int opcode, const char *payload, size_t length, int masked)
{
    size_t at = 0;
    out[at++] = (char)(128 | opcode);
    if (length < 126) {
        out[at++] = (char)(length | (masked ? 128 : 0));
    } else {
        out[at++] = (char)(126 | (masked ? 128 : 0));
        out[at++] = (char)(length >> 8);
        out[at++] = (char)length;
    }
    if (masked) {
        memset(out + at, 0, 4);
        at += 4;
    }
    memcpy(out + at, payload, length);
    return at + length;
}

#endif
