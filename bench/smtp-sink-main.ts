import { createServer } from "node:net";

/**
 * A mail server that takes everything and keeps nothing: the least work a next hop can be, so that the worker
 * is what is measured. Prints its port, and for each line on standard input how many mails it has taken so far.
 */
let taken = 0;
const endOfMail = Buffer.from("\r\n.\r\n");

const server = createServer((socket) => {
  let inMail = false;
  let rest: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.write("220 sink\r\n");
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const end = inMail ? rest.indexOf(endOfMail) : rest.indexOf("\r\n");
      if (end < 0) return;
      const line = rest.subarray(0, end).toString("latin1");
      rest = rest.subarray(end + (inMail ? endOfMail.length : 2));
      if (inMail) {
        taken += 1;
        inMail = false;
        socket.write("250 taken\r\n");
      } else if (/^DATA/i.test(line)) {
        inMail = true;
        socket.write("354 go on\r\n");
      } else if (/^QUIT/i.test(line)) {
        socket.end("221 bye\r\n");
      } else {
        socket.write(/^EHLO/i.test(line) ? "250-sink\r\n250 8BITMIME\r\n" : "250 ok\r\n");
      }
    }
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" && address ? address.port : 0}\n`);
});
process.stdin.on("data", () => process.stdout.write(`${taken}\n`));
process.stdin.on("end", () => process.exit(0));
