import { fork } from "node:child_process";
import { AppError } from "../errors/errors.ts";
import { childFile, childFlags, childMark, type Decoded } from "./decode-child.ts";

/**
 * Any picture that somebody sends, as the one kind that is kept: a square JPEG made anew of the pixels alone. Promises: no more
 * than one is read at a time, in a process of its own that is ended after `decodeMillis`, whatever it is doing; what does not
 * begin as a JPEG, PNG, WebP or GIF starts none. Of an animation the first picture counts. Errors: `picture_unreadable`,
 * `picture_too_large` and `picture_too_small` in pixels, `busy` where many wait.
 */
export type DecodePicture = (bytes: Uint8Array) => Promise<Buffer>;

/** The largest honest photo takes a second and a half on a slow core. */
const decodeMillis = 10_000;
/** Behind the one that is read: each holds its bytes. */
const mostWaiting = 8;

/** What raster pictures begin with, as Latin 1; SVG and HTML are programs, and no decoder sees them. */
function isRaster(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  const isWebp = head.startsWith("RIFF") && head.startsWith("WEBPVP8", 8);
  return (
    isWebp || ["\u00ff\u00d8\u00ff", "\u0089PNG\r\n", "GIF87a", "GIF89a"].some((one) => head.startsWith(one))
  );
}

export function createPictureDecoder({ millis = decodeMillis } = {}): DecodePicture {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return async (bytes) => {
    if (!isRaster(bytes)) throw new AppError("picture_unreadable");
    if (waiting > mostWaiting) throw new AppError("busy", { retryAfterSeconds: 5 });
    waiting++;
    const decoded = last.then(() => decodeApart(bytes, millis));
    last = decoded.catch(() => {}).finally(() => waiting--);
    const answer = await decoded;
    if ("refused" in answer) throw new AppError(answer.refused);
    return Buffer.from(answer.content);
  };
}

/** In a process that gets no settings, and no signal of the terminal's. One that ends without a word could not read it. */
function decodeApart(bytes: Uint8Array, millis: number): Promise<Decoded> {
  return new Promise((resolve, reject) => {
    const child = fork(childFile, [childMark], {
      ...{ execArgv: [...childFlags], env: {}, serialization: "advanced" },
      ...{ stdio: ["ignore", "ignore", "ignore", "ipc"], timeout: millis, killSignal: "SIGKILL" },
    });
    let answer: Decoded = { refused: "picture_unreadable" };
    child.once("message", (message) => {
      answer = message as Decoded;
    });
    child.once("error", reject);
    child.once("exit", () => resolve(answer));
    child.send(bytes, (error) => {
      // It ended before it listened; its exit says so.
      if (error) child.kill("SIGKILL");
    });
  });
}
