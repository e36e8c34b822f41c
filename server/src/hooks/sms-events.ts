import type { IncomingHttpHeaders } from "node:http";
import type { MailEvent } from "../engines/mail/mail-events.ts";
import { objectOf } from "../engines/mail/mail-events.ts";
import type { MailRecord } from "../engines/mail/mail-record.ts";
import { smsReportUrl } from "../engines/sms/open-sms.ts";
import { readListedSms, readStandardSms, readTwilioSms, readYunpianSms } from "../engines/sms/sms-events.ts";
import { parseSmsUrl } from "../engines/sms/sms-url.ts";
import { isFromTwilio } from "../engines/sms/twilio-signature.ts";
import { AppError } from "../errors/errors.ts";
import { type Clock, epochSeconds } from "../kernel/clock.ts";
import { constantTimeEqual } from "../kernel/constant-time.ts";
import type { Log } from "../kernel/log.ts";
import { isSigned } from "../kernel/webhook-signature.ts";

/**
 * What vendors report of the SMS they took: delivered or not. No code is stopped by it; of a code that did not arrive, who asks for
 * the next one is told (codes/sms-outcomes.ts).
 *
 * Attacks, and the guard (sms-events.test.ts): somebody else's report (signed with the operator's secret or Twilio's token;
 * Aliyun, Tencent and Yunpian sign nothing, so the address has a token that the operator chose), one sent again (a state only moves
 * forward, so each report works once for ever: sms-events.race.test.ts), numbers and codes in a vendor's words.
 */
export interface SmsEventsDeps {
  readonly smsUrl: string | null;
  readonly smsEventsSecret: Buffer | null;
  readonly smsEventsToken: string | null;
  /** Where Twilio calls: its address is in its signature. */
  readonly publicApiUrl: string;
  readonly clock: Clock;
  readonly log: Pick<Log, "info">;
  readonly mails: MailRecord;
  /** Of an SMS that did not arrive. Never rejects. */
  readonly undelivered: (sms: UndeliveredSms) => Promise<void>;
}

export interface UndeliveredSms {
  readonly to: string;
  /** As the record calls it. */
  readonly kind: string;
  /** Epoch milliseconds. */
  readonly queuedAt: number;
}

export interface SmsReport {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Of the address; null where it has none. */
  readonly token: string | null;
}

export type SmsEvents = ReturnType<typeof createSmsEvents>;

/** A message that nobody knows yet may be one whose vendor reported before its own answer was written down. */
const youngMillis = 60_000;
const mostEvents = 500;

export function createSmsEvents(deps: SmsEventsDeps) {
  const { clock, mails, log, smsEventsSecret, smsEventsToken } = deps;
  const transport = deps.smsUrl === null ? null : parseSmsUrl(deps.smsUrl);
  const reportUrl = smsReportUrl(deps.publicApiUrl);

  function read({ headers, body, token }: SmsReport): readonly MailEvent[] {
    const header = (name: string) => String(headers[name] ?? "");
    if (token !== null) {
      if (smsEventsToken === null) throw new AppError("not_found");
      if (!constantTimeEqual(token, smsEventsToken)) throw new AppError("event_refused");
      const pushed = transport?.by === "yunpian" ? readYunpianSms(new URLSearchParams(body)) : null;
      if (pushed !== null) return pushed;
      const value = parse(body);
      const all = (Array.isArray(value) ? value : [value]).slice(0, mostEvents);
      return all.map((one) => readListedSms(objectOf(one))).filter((one) => one !== null);
    }
    if (transport?.by === "twilio" && reportUrl !== null && header("x-twilio-signature") !== "") {
      const form = new URLSearchParams(body);
      const signed = { url: reportUrl, form, signature: header("x-twilio-signature") };
      if (!isFromTwilio(transport.key.secret, signed)) throw new AppError("event_refused");
      return [readTwilioSms(form)].filter((one) => one !== null);
    }
    if (smsEventsSecret === null) throw new AppError("not_found");
    const [id, timestamp] = [header("webhook-id"), header("webhook-timestamp")];
    const signed = { id, timestamp, signatures: header("webhook-signature"), body };
    if (!isSigned(smsEventsSecret, signed, epochSeconds(clock))) throw new AppError("event_refused");
    return [readStandardSms(objectOf(parse(body)))].filter((one) => one !== null);
  }

  return {
    /** Whether the vendor reads the answer as a word, and not as JSON. */
    wantsWord: transport?.by === "yunpian",
    /**
     * Takes a report. Errors: `not_found` where its kind has no key, `event_refused`, `busy` for a message that is not
     * known yet: the vendor sends it again.
     */
    async take(report: SmsReport): Promise<void> {
      for (const event of read(report)) {
        const { providerId, state, words, at } = event;
        const found = await mails.reported({ providerId, state, words });
        if (found === "known") continue;
        if (found === "unknown") {
          if (Math.abs(clock.now() - at) < youngMillis) throw new AppError("busy", { retryAfterSeconds: 5 });
          continue;
        }
        const { mail_id: mailId, kind, to_address: to, created_at: queuedAt } = found;
        log.info({ mailId, kind, state }, "a vendor of SMS reported");
        if (state === "bounced" && to !== null) await deps.undelivered({ to, kind, queuedAt });
      }
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("malformed_body", { parameters: { reason: "Expecting value" }, cause });
  }
}
