import { runLoad } from "./load/load.ts";
import { type Outgoing, workerSample } from "./mail.ts";
import { cores, type Sample } from "./measure.ts";
import type { RoundOptions } from "./rounds.ts";
import { startSink } from "./smtp-sink.ts";
import { openStand, type Stand } from "./stand.ts";
import { smsRequests } from "./subjects.ts";

/** How many SMS one worker process sends to a vendor that takes everything (sms-sink-main.ts): as measureMail of mails. */
export async function measureSms(
  options: RoundOptions,
  progress: (text: string) => void,
): Promise<readonly Sample[]> {
  const stand = await openStand({ engine: options.engine, accounts: 10, core: cores.server, progress });
  const sink = await startSink(cores.generator, "sms-sink-main.ts");
  const secret = Buffer.from("a secret for measuring only").toString("base64");
  const vendor = { SMS_URL: `hook+http://whsec_${encodeURIComponent(secret)}@127.0.0.1:${sink.port}/send` };
  try {
    const samples: Sample[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      progress(`round ${round} of ${options.rounds}: SMS of one worker process`);
      await fillQueue(stand, options.seconds);
      const outgoing: Outgoing = { stand, sink, environment: vendor };
      samples.push(await workerSample(outgoing, options.seconds));
    }
    return samples;
  } finally {
    await sink.close();
    await stand.close();
  }
}

async function fillQueue(stand: Stand, seconds: number): Promise<void> {
  const api = await stand.startServer("serve");
  // More than any worker sends in the time.
  const wanted = 500 + (seconds + 1) * 1500;
  for (let jobs = 0; jobs < wanted; ) {
    const { requests } = await runLoad({
      ...{ origin: api.origin, requests: smsRequests(2), folder: stand.folder, firstNumber: 0 },
      ...{ loop: { kind: "closed", connections: 32 } as const, core: cores.generator, seconds: 2 },
    });
    jobs += requests;
  }
  await api.stop();
}
