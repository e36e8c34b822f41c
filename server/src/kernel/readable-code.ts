/** The characters of codes that people type: none looks like another. */
export const readableCharacters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/**
 * So many of them, each uniform over the 31: a byte above the last multiple of 31 is passed over, as a modulo would favour some.
 * `bytesOf` gives random bytes, others for each round.
 */
export function readableCode(length: number, bytesOf: (round: number) => Uint8Array): string {
  const count = readableCharacters.length;
  const limit = 256 - (256 % count);
  let code = "";
  for (let round = 0; code.length < length; round++) {
    for (const byte of bytesOf(round)) {
      if (byte < limit && code.length < length) code += readableCharacters[byte % count];
    }
  }
  return code;
}
