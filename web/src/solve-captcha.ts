import { type Challenge, solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";

/** A slow telephone takes some seconds; one that takes longer than this is told so. */
const timeoutMillis = 60_000;

/**
 * The answer to an altcha challenge; undefined where it took too long. WebCrypto works beside the page, which goes on
 * answering its reader.
 */
export async function solveCaptcha(challenge: unknown): Promise<string | undefined> {
  const asked = challenge as Challenge;
  const solution = await solveChallenge({ challenge: asked, deriveKey, timeout: timeoutMillis });
  return solution === null ? undefined : btoa(JSON.stringify({ challenge: asked, solution }));
}
