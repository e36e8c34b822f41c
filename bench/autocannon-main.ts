import { readFileSync } from "node:fs";
import autocannon from "autocannon";
import type { Load, LoadResult } from "./load-generator.ts";

/** The load of the specification in argv, by autocannon, for machines without wrk. */
const load = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Load;
let number = load.firstNumber;
const result = await autocannon({
  url: load.origin,
  connections: load.connections,
  duration: load.seconds,
  timeout: 30,
  requests: load.requests.map(({ method = "GET", path, headers = {}, body }) => ({
    method,
    path,
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body }),
    ...(path.includes("{n}")
      ? {
          setupRequest: (request: autocannon.Request) => {
            number++;
            return { ...request, path: path.replace("{n}", String(number)) };
          },
        }
      : {}),
  })),
});
const answer: LoadResult = {
  requests: result.requests.total,
  seconds: result.duration,
  p50Millis: result.latency.p50,
  p99Millis: result.latency.p99,
  errors: result.non2xx + result.errors + result.timeouts,
};
process.stdout.write(JSON.stringify(answer));
