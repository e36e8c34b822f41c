/**
 * Splits a stream of text into the objects of one JSON array (dumpdata's `json` format) or of JSON lines
 * (`jsonl`), without ever holding more than one object and one chunk. Anything between the objects but
 * whitespace, commas and the array's brackets is an error, so that a cut or foreign file is noticed.
 */
export async function* jsonObjects(chunks: AsyncIterable<string>): AsyncGenerator<unknown> {
  let pending = "";
  let depth = 0;
  let inString = false;
  let escaped = false;
  let arrayOpen = false;
  let arrayClosed = false;
  for await (const chunk of chunks) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const char = chunk.charCodeAt(i);
      if (inString) {
        if (escaped) escaped = false;
        else if (char === 92) escaped = true;
        else if (char === 34) inString = false;
        continue;
      }
      if (depth > 0) {
        if (char === 34) inString = true;
        else if (char === 123 || char === 91) depth++;
        else if (char === 125 || char === 93) {
          depth--;
          if (depth > 0) continue;
          yield JSON.parse(pending + chunk.slice(start, i + 1));
          pending = "";
        }
        continue;
      }
      if (char === 123 && !arrayClosed) {
        depth = 1;
        start = i;
      } else if (char === 91 && !arrayOpen) arrayOpen = true;
      else if (char === 93 && arrayOpen && !arrayClosed) arrayClosed = true;
      else if (char !== 44 && char > 32 && char !== 0xfeff) {
        throw new SyntaxError(`unexpected “${chunk.slice(i, i + 20)}” between the objects`);
      }
    }
    if (depth > 0) pending += chunk.slice(start);
  }
  if (depth > 0 || (arrayOpen && !arrayClosed)) throw new SyntaxError("the file ends in the middle");
}
