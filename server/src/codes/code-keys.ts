import { key, type Operation } from "../engines/kv/kv.ts";
import { deriveKey, subjectOf } from "../kernel/keys.ts";
import { nameKey } from "../kernel/name-key.ts";
import type { Purpose } from "./verification.ts";

/** What the store holds about one address or number: all its keys share a hash tag, and show nothing of it. */
export function createCodeKeys(secretKey: string) {
  const addressKey = deriveKey(secretKey, "verification address");
  return (to: string, purpose: Purpose) => {
    const subject = subjectOf(addressKey, nameKey(to));
    return {
      /** The last message to the address that counts for `whose` next one: see `flagOf` in channel.ts. */
      flag: (whose: string) => key("sendFlag", subject, whose),
      /** Mails to the address within an hour and a day, of all purposes and clients. */
      hour: key("mails", subject, "hour"),
      day: key("mails", subject, "day"),
      /** When SMS went and go to the number, whatever for; why the vendor refused one; what strangers got of the reserve. */
      sends: key("smsSends", subject),
      refusal: key("smsRefusal", subject),
      reserve: key("mails", subject, "reserve"),
      /** The living code's id, and who asked for it. */
      code: key("code", subject, purpose),
      askers: key("askers", subject, purpose),
      /** By the code's id: a new code begins with none, and nothing has to be reset. */
      tries: (codeId: string, who: string) => key("attempts", subject, codeId, who),
      /** Of a day, by all who neither asked nor are known, at codes of any purpose. */
      guesses: key("guesses", subject),
    };
  };
}

export type CodeKeys = ReturnType<ReturnType<typeof createCodeKeys>>;

/** Ends this code, and never one that came after it. */
export function endCode({ code, askers }: CodeKeys, codeId: string): Operation[] {
  return [
    { verb: "expect", key: code, value: codeId },
    { verb: "delete", key: code },
    { verb: "delete", key: askers },
  ];
}
