/*
 * Asks a server of this host for A records at a steady rate and says how long the answers took. The clock alone decides
 * when a query goes out, never an answer, so that a server that stalls is asked on and every query that
 * waits is seen. Arrivals are stamped by the kernel.
 *
 * Usage: paced PORT QUERIES_PER_SECOND SECONDS TIMEOUT_SECONDS < names
 * Prints one line of JSON; times in microseconds. A query without an answer counts as one that took the timeout.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { HEADER = 12, LARGEST_QUERY = 280, LARGEST_LINE = 300, IDS = 65536 };
static const int64_t SECOND = 1000000000;

struct query {
  unsigned char octets[LARGEST_QUERY];
  size_t length;
};

static int64_t sent_at[IDS]; /* 0: not asked, or answered */

static int64_t now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

/* A query for the A records of a name in presentation format without escapes. */
static struct query query_for(char *name) {
  static const unsigned char head[HEADER] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
  static const unsigned char tail[] = {0, 0, 1, 0, 1, /* OPT, 1232 octets: */ 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0};
  struct query query = {.length = HEADER};
  memcpy(query.octets, head, HEADER);
  for (char *label = strtok(name, ".\n"); label != NULL; label = strtok(NULL, ".\n")) {
    size_t length = strlen(label);
    if (length > 63 || query.length + 1 + length + sizeof tail > LARGEST_QUERY) exit(2);
    query.octets[query.length++] = length;
    memcpy(query.octets + query.length, label, length);
    query.length += length;
  }
  memcpy(query.octets + query.length, tail, sizeof tail);
  query.length += sizeof tail;
  return query;
}

static int by_value(const void *a, const void *b) {
  int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
  return (left > right) - (left < right);
}

/* When the kernel took the datagram in; the present time if it does not say. */
static int64_t arrival(struct msghdr *message) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    struct timespec time;
    memcpy(&time, CMSG_DATA(c), sizeof time);
    return time.tv_sec * SECOND + time.tv_nsec;
  }
  return now(CLOCK_REALTIME);
}

/* Takes in what has come; returns how many latencies were added. */
static size_t receive(int fd, int64_t *latencies) {
  unsigned char octets[2048], control[128];
  size_t added = 0;
  for (;;) {
    struct iovec vector = {octets, sizeof octets};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
    if (length < 0) return added;
    int64_t *sent = &sent_at[octets[0] << 8 | octets[1]];
    if (length < HEADER || *sent == 0) continue;
    int64_t took = arrival(&message) - *sent;
    latencies[added++] = took > 0 ? took : 0;
    *sent = 0;
  }
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int64_t interval = SECOND / atoll(argv[2]);
  size_t total = (size_t)(atof(argv[3]) * SECOND / interval), queries = 0, room = 0, done = 0;
  int64_t timeout = (int64_t)(atof(argv[4]) * SECOND);
  if (total == 0 || timeout / interval >= IDS) return 2;
  struct query *query = NULL;
  char line[LARGEST_LINE];
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (queries == room) query = realloc(query, (room = room * 2 + 1024) * sizeof *query);
    query[queries++] = query_for(line);
  }
  int64_t *latencies = calloc(total + IDS, sizeof *latencies);
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1, room_for_answers = 1 << 22;
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room_for_answers, sizeof room_for_answers);
  if (queries == 0 || connect(fd, (struct sockaddr *)&server, sizeof server) != 0) return 1;

  int64_t begin = now(CLOCK_MONOTONIC) + SECOND / 100, latest = 0;
  size_t sent = 0;
  for (;;) {
    int64_t time = now(CLOCK_MONOTONIC);
    for (; sent < total && begin + (int64_t)sent * interval <= time; sent++) {
      struct query *next = &query[sent % queries];
      int64_t late = time - (begin + (int64_t)sent * interval);
      if (late > latest) latest = late;
      next->octets[0] = sent >> 8;
      next->octets[1] = sent;
      sent_at[sent % IDS] = now(CLOCK_REALTIME);
      /* A query that cannot be sent stays without an answer. */
      if (send(fd, next->octets, next->length, 0) < 0) continue;
    }
    done += receive(fd, latencies + done);
    time = now(CLOCK_MONOTONIC);
    int64_t wake = begin + (sent < total ? (int64_t)sent * interval : (int64_t)total * interval + timeout);
    if (sent == total && (done == total || time >= wake)) break;
    if (wake <= time) continue;
    struct timespec wait = {(wake - time) / SECOND, (wake - time) % SECOND};
    struct pollfd readable = {fd, POLLIN, 0};
    ppoll(&readable, 1, &wait, NULL);
  }

  size_t answered = done;
  while (done < total) latencies[done++] = timeout;
  qsort(latencies, total, sizeof *latencies, by_value);
  printf("{\"sent\": %zu, \"answered\": %zu, \"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f, \"late\": %.1f}\n",
         total, answered, latencies[total / 2] / 1e3, latencies[total - 1 - total / 100] / 1e3,
         latencies[total - 1 - total / 1000] / 1e3, latencies[total - 1] / 1e3, latest / 1e3);
  return 0;
}
