import { verify } from "@node-rs/argon2";

/**
 * The most log-ins a core could do: nothing but the hash function, as many at once as the server runs.
 * argv: PHC string, password, hashes at once, seconds. Prints `{ requests, seconds }`.
 */
const [hash = "", password = "", concurrency, seconds] = process.argv.slice(2);
await verify(hash, password);
const begin = performance.now();
const until = begin + Number(seconds) * 1000;
let requests = 0;
await Promise.all(
  Array.from({ length: Number(concurrency) }, async () => {
    while (performance.now() < until) {
      if (!(await verify(hash, password))) throw new Error("the hash does not match");
      requests++;
    }
  }),
);
process.stdout.write(JSON.stringify({ requests, seconds: (performance.now() - begin) / 1000 }));
