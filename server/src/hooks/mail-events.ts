import type { IncomingHttpHeaders } from "node:http";
import {
  createKeys,
  eventBridgeSignature,
  type FindKey,
  isFromEventBridge,
} from "../engines/mail/eventbridge-signature.ts";
import type { HttpOpener } from "../engines/mail/http-delivery.ts";
import {
  type MailEvent,
  objectOf,
  readDirectMailEvent,
  readStandardEvent,
} from "../engines/mail/mail-events.ts";
import type { MailRecord } from "../engines/mail/mail-record.ts";
import { AppError } from "../errors/errors.ts";
import { type Clock, epochSeconds } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { isSigned } from "../kernel/webhook-signature.ts";

/**
 * What mail services report of the mails they took: delivered, bounced, complained about. It informs, and decides nothing:
 * no code is stopped and no mail held back by it.
 *
 * Attacks, and the guard (mail-events.test.ts): somebody else's report (signed with the operator's secret, or EventBridge's
 * key and the operator's token), one sent again or late (a time in the signature; a state only moves forward, so each
 * report works once for ever), addresses and codes in a service's words.
 */
export interface MailEventsDeps {
  readonly mailEventsSecret: Buffer | null;
  readonly mailEventsToken: string | null;
  /** Where EventBridge calls: its address is in its signature. */
  readonly publicApiUrl: string;
  readonly clock: Clock;
  readonly log: Pick<Log, "info">;
  readonly mails: MailRecord;
  readonly http: HttpOpener;
}

export interface Reported {
  readonly headers: IncomingHttpHeaders;
  /** Path and query, as they were called. */
  readonly path: string;
  readonly body: string;
}

export type MailEvents = ReturnType<typeof createMailEvents>;

/** A mail that nobody knows yet may be one whose service reported before its own answer was written down. */
const youngMillis = 60_000;
const mostEvents = 100;

export function createMailEvents(deps: MailEventsDeps) {
  const { clock, mails, log } = deps;
  const findKeyThere = createKeys(deps.http, () => clock.now());
  /** A bucket that is away is no fault of this program: the event is asked for again. */
  const findKey: FindKey = (url) =>
    findKeyThere(url).catch((cause: unknown) => {
      throw new AppError("unavailable", { retryAfterSeconds: 5, cause });
    });

  async function read(request: Reported): Promise<MailEvent[]> {
    const header = (name: string) => String(request.headers[name] ?? "");
    if (header(eventBridgeSignature) !== "") {
      if (deps.mailEventsToken === null) throw new AppError("not_found");
      const url = deps.publicApiUrl.replace(/\/+$/, "") + request.path;
      const asked = { url, header, body: request.body };
      const ways = { findKey, now: clock.now() };
      if (!(await isFromEventBridge(asked, deps.mailEventsToken, ways))) throw new AppError("event_refused");
      const value = parse(request.body);
      const all = (Array.isArray(value) ? value : [value]).slice(0, mostEvents);
      return all.map((one) => readDirectMailEvent(objectOf(one))).filter((one) => one !== null);
    }
    if (deps.mailEventsSecret === null) throw new AppError("not_found");
    // The specification's names, and those it had before: Svix, and by it Resend, send these.
    const either = (name: string) => header(`webhook-${name}`) || header(`svix-${name}`);
    const signed = { id: either("id"), timestamp: either("timestamp"), signatures: either("signature") };
    if (!isSigned(deps.mailEventsSecret, { ...signed, body: request.body }, epochSeconds(clock)))
      throw new AppError("event_refused");
    const event = readStandardEvent(objectOf(parse(request.body)));
    return event === null ? [] : [event];
  }

  return {
    /**
     * Takes a report. Errors: `not_found` where its kind has no key, `event_refused`, `busy` for a mail that is not known
     * yet, `unavailable` where EventBridge's certificate is not to be had: the service sends it again.
     */
    async take(request: Reported): Promise<void> {
      for (const event of await read(request)) {
        const { providerId, state, words, at } = event;
        const found = await mails.reported({ providerId, state, words });
        if (found === "known") continue;
        if (found === "unknown") {
          if (Math.abs(clock.now() - at) < youngMillis) throw new AppError("busy", { retryAfterSeconds: 5 });
          continue;
        }
        log.info({ mailId: found.mail_id, kind: found.kind, state }, "a mail service reported");
      }
    },
    close: () => deps.http.close(),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("malformed_body", { parameters: { reason: "Expecting value" }, cause });
  }
}
