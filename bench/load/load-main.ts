import { readFileSync } from "node:fs";
import { Connection } from "./connection.ts";
import { latenciesOf } from "./latencies.ts";
import type { ClosedLoop, LoadResult, OpenLoop, Specification } from "./load.ts";
import { runOpenLoop, scheduleOf } from "./open-loop.ts";
import { requestBytes } from "./request-bytes.ts";

/** The load of the specification whose file argv names; prints a LoadResult. */
const load = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Specification;
const origin = new URL(load.origin);
const isGood = (status: number) => status >= 200 && status < 300;
const next = requestBytes(load);
const { loop } = load;
const result = loop.kind === "closed" ? await runClosed(loop) : await runOpen(loop);
process.stdout.write(JSON.stringify(result), () => process.exit(0));

async function runClosed({ connections }: ClosedLoop): Promise<LoadResult> {
  const millis: number[] = [];
  let errors = 0;
  const begin = performance.now();
  const until = begin + load.seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = new Connection(origin);
      for (let sent = performance.now(); sent < until; ) {
        if (!isGood(await connection.send(next()))) errors++;
        const answered = performance.now();
        millis.push(answered - sent);
        sent = answered;
      }
      connection.close();
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  return { requests: millis.length, seconds, errors, ...latenciesOf(millis) };
}

/** As many connections as answers are waited for: none of them waits for another's here. */
async function runOpen({ perSecond }: OpenLoop): Promise<LoadResult> {
  const idle: Connection[] = [];
  const { millis, errors } = await runOpenLoop({
    schedule: scheduleOf(perSecond, load.seconds),
    async send() {
      const connection = idle.pop() ?? new Connection(origin);
      const status = await connection.send(next());
      idle.push(connection);
      return isGood(status);
    },
    now: () => performance.now(),
    sleepUntil,
  });
  for (const connection of idle) connection.close();
  return { requests: millis.length, seconds: load.seconds, errors, ...latenciesOf(millis) };
}

/** Timers come up to a millisecond late; the last of the wait is spent looking at the clock between other work. */
async function sleepUntil(time: number): Promise<void> {
  const rest = time - performance.now();
  if (rest > 3) await new Promise((resolve) => setTimeout(resolve, rest - 2));
  while (performance.now() < time) await new Promise(setImmediate);
}
