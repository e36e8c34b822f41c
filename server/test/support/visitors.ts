import { equal, ok } from "node:assert";
import { waitUntil } from "./product-process.ts";
import type { SmtpSink } from "./smtp-sink.ts";

/** Visitors of a running product, who keep what they were answered and how long it took. */
export interface Answer {
  readonly what: string;
  readonly path: string;
  readonly status: number;
  readonly millis: number;
  readonly retryAfter: string | null;
  readonly body: string;
  /** Milliseconds of performance.now() when it came. */
  readonly at: number;
}

const password = "correct-horse-42";

/** They give up on an answer after so long, and that call rejects. */
export function visitors(url: string, limitMillis = 15_000) {
  const answers: Answer[] = [];

  async function call(what: string, path: string, body?: unknown): Promise<Answer> {
    const began = performance.now();
    const response = await fetch(`${url}${path}`, {
      ...(body === undefined
        ? {}
        : {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
          }),
      signal: AbortSignal.timeout(limitMillis),
    });
    const text = await response.text();
    const answer: Answer = {
      what,
      path,
      status: response.status,
      millis: performance.now() - began,
      retryAfter: response.headers.get("retry-after"),
      body: text,
      at: performance.now(),
    };
    answers.push(answer);
    return answer;
  }

  return {
    answers,
    call,
    count: (username: string) => call("count", `/users/usernames/${username}/count/`),
    requestCode: (email: string) => call("code", `/verifications/email_codes/${email}/`),
    signUp: (username: string, email: string, code: string) =>
      call("sign-up", "/users/", {
        ...{ username, email, password, password2: password, email_code: code, allow: "true" },
      }),
    logIn: (username: string, wish: { readonly refresh?: true } = {}) =>
      call("log-in", "/users/authorizations/", { username, password, ...wish }),
  };
}

/** The addresses whose code request was answered with 200: to each of them a mail was promised. */
export function promisedMails(answers: readonly Answer[]): string[] {
  return answers
    .filter((answer) => answer.what === "code" && answer.status === 200)
    .map((answer) => answer.path.split("/")[3] as string);
}

/** The code in the newest mail to the address, once it has arrived. */
export async function codeInMail(sink: SmtpSink, email: string, limitSeconds = 20): Promise<string> {
  await waitUntil(() => sink.mailsTo(email).length > 0, limitSeconds, `a mail to ${email}`);
  const found = sink.mailsTo(email).flatMap((mail) => /\b[2-9A-HJKMNP-Z]{6}\b/.exec(mail)?.[0] ?? []);
  const code = found.at(-1);
  ok(code, "the mail holds no code");
  return code;
}

/** The code in the newest mail to the address in the mailbox of a running product, once it is there. */
export async function codeInMailbox(url: string, email: string, limitSeconds = 20): Promise<string> {
  let code: string | null | undefined;
  await waitUntil(
    async () => {
      const response = await fetch(`${url}/sandbox/mailbox/messages/?to=${encodeURIComponent(email)}`);
      const mails = (await response.json()) as { code: string | null }[];
      code = mails.find((mail) => mail.code !== null)?.code;
      return typeof code === "string";
    },
    limitSeconds,
    `a code in the mailbox for ${email}`,
  );
  return code as string;
}

/** Somebody signs up under the name, with the code from the mailbox. Rejects where an answer is another than success. */
export async function signUpByMailbox(url: string, username: string, limitSeconds = 20): Promise<void> {
  const crowd = visitors(url);
  const email = `${username}@example.com`;
  const asked = await crowd.requestCode(email);
  equal(asked.status, 200, asked.body);
  const code = await codeInMailbox(url, email, limitSeconds);
  const made = await crowd.signUp(username, email, code);
  equal(made.status, 201, made.body);
}
