import { createPrivateKey, type KeyObject } from "node:crypto";
import { SettingProblem } from "../../../errors/setting-problem.ts";

/** A .p8 file's text, also as one line, which is how such texts get into env files. Throws where it isn't a key for ES256. */
export function readPrivateKey(raw: string): string {
  let key: KeyObject;
  try {
    key = createPrivateKey(raw.replaceAll("\\r", "").replaceAll("\\n", "\n"));
  } catch {
    // The library's reason would tell of what is in it.
    throw new SettingProblem("privateKeyPem");
  }
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw new SettingProblem("privateKeyCurve");
  }
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
