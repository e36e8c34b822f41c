import { createHash } from "node:crypto";
import { warnOnceAnHour } from "../engines/kv/alarm.ts";
import { createGrowingWait } from "../engines/kv/growing-wait.ts";
import { type KeyValue, key } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import { waitRule } from "../kernel/limits.ts";
import type { Log } from "../kernel/log.ts";
import {
  type Captcha,
  type CaptchaSubject,
  type CaptchaVerdict,
  captchaLifeSeconds,
  captchaTokenLimit,
} from "./captcha.ts";

/**
 * Where there is a risk, a client that says it can answer a captcha is asked for one, and every other one waits, longer each
 * time. Promises: an answer passes once, for one purpose and address (guard: captcha.race.test.ts), and again only where it was
 * given back, for ten minutes after the first time at most; nothing is counted for who is asked; a vendor that doesn't answer keeps SMS back, and lets a log-in go on at the pace of those who can't answer.
 */
export interface CaptchaGate {
  /**
   * Errors: `captcha_required`, whose answer has what is to be answered; `captcha_unavailable`; `throttled` for a client that
   * can't answer, with the seconds until it gets a try.
   */
  expect(about: CaptchaSubject, shown: ShownCaptcha, options: CaptchaOptions): Promise<CaptchaPass>;
}

/** An answer, or a try after a wait, that is used up: for a request that sends nothing in the end. */
export interface CaptchaPass {
  /** The same answer is good once more, for the same purpose and address; the wait that began is over. */
  giveBack(): Promise<void>;
}

/** What a request shows of it (captcha-headers.ts). */
export interface ShownCaptcha {
  /** What the client says it can answer. */
  readonly kinds: readonly string[];
  readonly token: string | null;
  /** What came with the question, of vendors (captcha-handle.ts). */
  readonly handle: string | null;
  readonly clientAddress: string;
}

export interface CaptchaOptions {
  /** Whose waits grow: hashed. */
  readonly subject: string;
  readonly whenUnavailable: "refuse" | "pass";
}

export type CaptchaOutcome = CaptchaVerdict | "asked" | "waited";

export interface CaptchaGateDeps {
  /** Null: nobody is asked, everybody waits. */
  readonly captcha: Captcha | null;
  readonly kv: KeyValue;
  readonly log: Pick<Log, "warn">;
  /** For metrics. */
  readonly onOutcome?: ((kind: string, outcome: CaptchaOutcome) => void) | undefined;
}

/** A handle is shorter; more is nobody's. */
const handleLimit = 100;

/** Of clients that can't answer: one try, then one after each wait. */
export const captchaWaits = { ...waitRule("captcha"), refusesFirst: false };

export function createCaptchaGate({ captcha, kv, log, onOutcome }: CaptchaGateDeps): CaptchaGate {
  const waits = createGrowingWait(kv, captchaWaits);

  const digest = (...parts: readonly (string | null)[]) =>
    createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 22);

  async function isUsedUp(shown: string): Promise<boolean> {
    const spent = key("once", digest(shown), "captcha");
    return (await kv.add(spent, "1", captchaLifeSeconds)).refused;
  }

  /** An answer that was right and is good once more: its vendor would take it for used. */
  function leftOf({ purpose, address }: CaptchaSubject, token: string, handle: string | null) {
    const subject = digest(purpose, address, token, handle);
    const [left, since] = [key("once", subject, "captcha-left"), key("once", subject, "captcha-since")];
    const seconds = captchaLifeSeconds;
    return {
      async take(): Promise<boolean> {
        const outcomes = await kv.batch([
          { verb: "expect", key: left, value: "1" },
          { verb: "expect", key: since, value: "1" },
          { verb: "delete", key: left },
        ]);
        return !outcomes.some(({ refused }) => refused);
      },
      async giveBack(): Promise<void> {
        // Lives no longer than since the first time.
        await kv.add(since, "1", seconds);
        await kv.set(left, "1", seconds);
      },
    };
  }

  /** A stranger's odd token may be what the vendor trips over. */
  const warn = (kind: string) =>
    warnOnceAnHour(
      { kv, log },
      "captcha-unavailable",
      { alarm: "captcha_unavailable", captcha: kind },
      "the captcha's vendor did not answer",
    );

  return {
    async expect(about, { kinds, token, handle, clientAddress }, { subject, whenUnavailable }) {
      if (captcha === null || !kinds.includes(captcha.kind)) {
        onOutcome?.(captcha?.kind ?? "none", "waited");
        return waits.take({ subject });
      }
      const ask = async () => {
        onOutcome?.(captcha.kind, "asked");
        return new AppError("captcha_required", {
          answer: { code: "captcha_required", captcha: await captcha.ask(about) },
        });
      };
      if (token === null || token.length > captchaTokenLimit) throw await ask();
      if (handle !== null && handle.length > handleLimit) throw await ask();
      const left = leftOf(about, token, handle);
      if (await left.take()) {
        onOutcome?.(captcha.kind, "passed");
        return left;
      }
      const verdict = await captcha.verify({ ...about, token, handle, clientAddress });
      onOutcome?.(captcha.kind, verdict);
      if (verdict === "unavailable") {
        await warn(captcha.kind);
        // Open, but not without end: one try, and one after each wait.
        if (whenUnavailable === "pass") {
          return waits.take({ subject });
        }
        throw new AppError("captcha_unavailable", { retryAfterSeconds: 30 });
      }
      // After the verdict, so that nobody uses up somebody else's; of two at once one is the first here.
      if (verdict === "refused" || (await isUsedUp(captcha.idOf?.(token) ?? token))) throw await ask();
      if (handle !== null && (await isUsedUp(handle))) throw await ask();
      return left;
    },
  };
}
