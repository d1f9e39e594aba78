/*
 * The least a name server can cost on this machine: it reads and sends batches of 64 datagrams and gives
 * every query the same answer, one A record. Nothing is looked up. Usage: floor PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, HEADER = 12, LARGEST_QUERY = 512 };

/* Owner: the question's name. A, IN, 3600 seconds, 192.0.2.1. */
static const unsigned char ANSWER[] = {0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4, 192, 0, 2, 1};

static unsigned char buffers[BATCH][LARGEST_QUERY + sizeof ANSWER];
static struct sockaddr_in clients[BATCH];
static struct iovec vectors[BATCH];
static struct mmsghdr messages[BATCH];

/* Turns the query into its answer in place; returns the length of that, 0 for what is no query. */
static size_t answer(unsigned char *message, size_t length) {
  size_t at = HEADER;
  if (length < HEADER + 5) return 0;
  while (at < length && message[at] != 0) at += message[at] + 1;
  at += 5;
  if (at > length) return 0;
  message[2] = 0x84 | (message[2] & 1);
  message[3] = 0;
  memset(message + 6, 0, 6);
  message[7] = 1;
  memcpy(message + at, ANSWER, sizeof ANSWER);
  return at + sizeof ANSWER;
}

int main(int argc, char **argv) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  if (argc != 2) return 2;
  address.sin_port = htons(atoi(argv[1]));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    perror("floor");
    return 1;
  }
  for (int i = 0; i < BATCH; i++) {
    vectors[i].iov_base = buffers[i];
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &clients[i];
  }
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      vectors[i].iov_len = LARGEST_QUERY;
      messages[i].msg_hdr.msg_namelen = sizeof clients[i];
    }
    int received = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    if (received < 0) continue;
    for (int i = 0; i < received; i++) vectors[i].iov_len = answer(buffers[i], messages[i].msg_len);
    for (int sent = 0; sent < received;) {
      int count = sendmmsg(fd, messages + sent, received - sent, 0);
      sent += count > 0 ? count : 1;
    }
  }
}
