import { createServer } from "node:http";

/**
 * A vendor of SMS that takes everything and keeps nothing, by the hook's contract (docs/sms.md): the least work one can be, so
 * that the worker is what is measured. Prints its port, and for each line on standard input how many SMS it has taken so far.
 */
let taken = 0;
const answer = Buffer.from('{"id":"taken"}');

const server = createServer((request, response) => {
  request.resume().once("end", () => {
    taken += 1;
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length });
    response.end(answer);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" && address ? address.port : 0}\n`);
});
process.stdin.on("data", () => process.stdout.write(`${taken}\n`));
process.stdin.on("end", () => process.exit(0));
