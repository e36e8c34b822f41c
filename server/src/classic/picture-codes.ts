import { type KeyValue, key } from "../engines/kv/kv.ts";
import { countedNetworks, createNetworkLimit } from "../engines/kv/network-limit.ts";
import { AppError } from "../errors/errors.ts";
import type { ClientNetworks } from "../kernel/client-address.ts";
import { constantTimeEqual } from "../kernel/constant-time.ts";
import { randomToken } from "../kernel/ids.ts";
import { deriveKey, hmac, subjectOf } from "../kernel/keys.ts";
import { limitRule } from "../kernel/limits.ts";
import { readableCode } from "../kernel/readable-code.ts";
import { drawPicture } from "./picture.ts";
import type { ClassicSettings } from "./settings.ts";

/**
 * Picture codes, by an id that the client made up. Promises: each is good for one try, right or wrong, of whichever of
 * several callers at once is first (guard: classic-picture.race.test.ts); for its own id and for five minutes; drawing again
 * replaces it. The store holds no text: it is derived from what is kept there, under a key that only the server has.
 * Attack: a picture that serves for ever, or for another id (guard: classic-sign-up.test.ts).
 */
export interface PictureCodes {
  /** The picture for the id, as PNG. Error: `throttled` for a client network that drew too many. */
  draw(id: string, client: ClientNetworks): Promise<Buffer>;
  /** Uses the picture up. Errors: `picture_code_gone` for one that is not there any more; `picture_code_wrong`. */
  expect(id: string | undefined, typed: string | undefined): Promise<void>;
}

const pictureLifeSeconds = 300;
const length = 4;
/** Bent and crossed out, these look like each other: who reads one for the other is right. */
const alike: Readonly<Record<string, string>> = {
  Z: "2",
  S: "5",
  B: "8",
  G: "6",
  Q: "0",
  O: "0",
  D: "0",
  I: "1",
  L: "1",
};
const folded = (text: string) => [...text.trim().toUpperCase()].map((sign) => alike[sign] ?? sign).join("");

/** What clients make up: a UUID in any of its writings. */
export const isPictureId = (id: string): boolean => /^[\da-f-]{36}$/i.test(id);

export function createPictureCodes({
  kv,
  secretKey,
  sandboxCaptchaText,
  pictureLimit,
  widerNetworkFactor,
}: Pick<ClassicSettings, "sandboxCaptchaText" | "pictureLimit"> & {
  readonly kv: KeyValue;
  readonly secretKey: string;
  /** How often as many as a network an IPv6 /48 may draw. */
  readonly widerNetworkFactor: number;
}): PictureCodes {
  const secret = deriveKey(secretKey, "picture code");
  const limit = createNetworkLimit(kv, widerNetworkFactor);
  const rules = [limitRule("pictures", pictureLimit)];
  const keyOf = (id: string) => key("picture", subjectOf(secret, id.toLowerCase()));
  const textOf = (nonce: string, id: string) =>
    sandboxCaptchaText ??
    readableCode(length, (round) => hmac(secret, nonce, id.toLowerCase(), String(round)));

  return {
    async draw(id, client) {
      await limit.countAll(rules, countedNetworks(secret, client));
      const nonce = randomToken();
      await kv.set(keyOf(id), nonce, pictureLifeSeconds);
      return drawPicture(textOf(nonce, id));
    },

    async expect(id = "", typed = "") {
      const nonce = isPictureId(id) ? await kv.take(keyOf(id)) : null;
      if (nonce === null) throw new AppError("picture_code_gone");
      if (!constantTimeEqual(folded(typed), folded(textOf(nonce, id))))
        throw new AppError("picture_code_wrong");
    },
  };
}
