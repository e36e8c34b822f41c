import { isUtf8 } from "node:buffer";
import { AppError } from "../errors/errors.ts";

/**
 * The fields of a multipart/form-data body (RFC 7578), which the original took from `FormData` front ends. Read by
 * Node's own parser. A field that comes twice is a list, as in the other kinds of body; a file is never a field's value
 * and is refused as one. Error: `malformed_form`.
 */
export async function formFields(bytes: Buffer, contentType: string): Promise<Record<string, unknown>> {
  // Decoded all the same, wrong bytes would make different passwords the same one; see textOf in server.ts.
  if (!isUtf8(bytes)) throw malformed("Expecting UTF-8");
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(bytes), { headers: { "content-type": contentType } }).formData();
  } catch {
    throw malformed("Invalid boundary or part");
  }
  const names = new Set(form.keys());
  return Object.fromEntries(
    [...names].map((name) => {
      const values = form.getAll(name).map((value) => (typeof value === "string" ? value : {}));
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

function malformed(reason: string): AppError {
  return new AppError("malformed_form", { parameters: { reason } });
}
