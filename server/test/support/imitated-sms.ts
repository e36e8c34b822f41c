import { createHash } from "node:crypto";
import type { SmsRefusal } from "../../src/engines/sms/sms.ts";
import { imitatedService, type Received, type ServiceReply } from "./imitated-service.ts";

/**
 * Vendors of SMS, imitated: each checks a request as the vendor does, by itself, before it answers as the test says.
 * Nothing here is of the product's code but types.
 */
export interface ImitatedVendor {
  readonly env: (host: string) => Record<string, string>;
  readonly taken: ServiceReply;
  /** The vendor's id of the message in `taken`. */
  readonly providerId: string;
  /** Every refusal that is known, and what comes of it; `again` may have been sent. */
  readonly refusals: readonly (readonly [
    said: string,
    reply: ServiceReply,
    outcome: SmsRefusal | "later" | "again",
  ])[];
  /** What is in the request; throws for one that the vendor would not believe. */
  readonly read: (request: Received) => SentSms;
  /** Whether the request would send a message. */
  readonly sends: (request: Received) => boolean;
  /** What an error must never have. */
  readonly secrets: RegExp;
}

export interface SentSms {
  readonly to: string;
  readonly template: string;
  readonly values: readonly string[];
  readonly id?: string | undefined;
}

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
export const says = (status: number, body: object): ServiceReply => [status, JSON.stringify(body)];

export function expectEqual(what: string, given: unknown, right: unknown): void {
  if (given !== right) throw new Error(`${what}: ${String(given)} in place of ${String(right)}`);
}

/** One of them at an address of this machine, with what it was really asked to send. */
export async function startVendor(vendor: ImitatedVendor) {
  const state: { reply: ServiceReply } = { reply: vendor.taken };
  const sent: SentSms[] = [];
  const refused: string[] = [];
  const service = await imitatedService((request) => {
    if (!vendor.sends(request)) return state.reply;
    try {
      sent.push(vendor.read(request));
    } catch (error) {
      refused.push(String(error));
      return [401, JSON.stringify({ Code: "SignatureDoesNotMatch" })];
    }
    return state.reply;
  });
  return {
    ...{ host: service.host, received: service.received, sent, refused, close: service.close },
    answer: (reply: ServiceReply) => {
      state.reply = reply;
    },
  };
}
