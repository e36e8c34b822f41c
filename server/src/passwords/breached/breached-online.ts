import type { OutgoingHttp } from "../../engines/outgoing-http.ts";
import { readBody } from "../../kernel/read-body.ts";
import { type BreachedPasswords, sha1 } from "./breached-file.ts";

/**
 * Asks a service whether a password is known from breaches, by the range protocol of haveibeenpwned.com
 * (https://haveibeenpwned.com/API/v3#SearchingPwnedPasswordsByRange): it is told five of the hash's forty digits, answers with all
 * that begin so, and pads the answer. Promises: at most a second and 256 KB; rejects when the service is slow, wrong or away.
 */
const longestMillis = 1000;
const largestAnswer = 256 * 1024;

export function createBreachedOnline(url: string, http: OutgoingHttp): BreachedPasswords {
  return {
    async has(password) {
      const hex = sha1(password).toString("hex").toUpperCase();
      const answer = await ask(`${url}/${hex.slice(0, 5)}`, http);
      return isListed(answer, hex.slice(5));
    },
    close: http.close,
  };
}

async function ask(address: string, http: OutgoingHttp): Promise<string> {
  const { request, dispatcher } = await http.client();
  const signal = AbortSignal.timeout(longestMillis);
  const headers = { "add-padding": "true", "user-agent": "meiduo-accounts", accept: "text/plain" };
  const { statusCode, body } = await request(address, { dispatcher, signal, headers });
  try {
    if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
    const tooLarge = () => new Error(`an answer of more than ${largestAnswer} bytes`);
    return (await readBody(body, largestAnswer, tooLarge)).toString("latin1");
  } finally {
    // What is left of it is not waited for. That it was cut off is an event, which ends a process that doesn't listen.
    body.on("error", () => {});
    body.destroy();
  }
}

/** Lines that pad the answer say 0 times. */
function isListed(answer: string, suffix: string): boolean {
  if (!/^[\dA-F]{35}:\d+\s*$/im.test(answer)) throw new Error("the answer is no list of hashes");
  return new RegExp(`^${suffix}:0*[1-9]`, "im").test(answer);
}
