/**
 * The bytes of an answer from outside, up to `limit`: what is longer is given up, and rejects with the caller's error. Of
 * undici's bodies the caller listens to `error` first: giving one up makes it emit that, which ends a process that doesn't listen.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  tooLarge: () => Error,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > limit) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
