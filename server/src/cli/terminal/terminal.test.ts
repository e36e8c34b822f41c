import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { UsageError } from "./read-arguments.ts";
import { CommandFailure, createTerminal } from "./terminal.ts";

/** A terminal's streams: what is typed goes in, what the person sees comes out. */
function keyboard(isTTY = true) {
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const rawModes: boolean[] = [];
  Object.assign(input, { isTTY, setRawMode: (on: boolean) => rawModes.push(on) });
  Object.assign(errors, { isTTY });
  const terminal = createTerminal({ input, output, errors }, "en");
  let screen = "";
  errors.on("data", (chunk) => {
    screen += chunk;
  });
  return { terminal, seen: () => screen, rawModes, type: (text: string | Buffer) => void input.write(text) };
}

test("shows what is typed, and nothing of a secret", async () => {
  const { terminal, type, seen, rawModes } = keyboard();
  const name = terminal.ask("User name: ");
  type("老板\r");
  expect(await name).toBe("老板");
  await vi.waitFor(() => expect(seen()).toMatch(/^User name: .*老板/s));
  const secret = terminal.askSecret("Password: ");
  type("hunter2 wörd\r");
  expect(await secret).toBe("hunter2 wörd");
  await vi.waitFor(() => expect(seen()).toMatch(/Password: \n$/));
  expect(seen()).not.toContain("hunter2");
  expect(rawModes.at(-1)).toBe(false);
});

test("answers pasted in one piece answer the questions after it too, also where the last is not whole", async () => {
  const { terminal, type, seen } = keyboard();
  const first = terminal.askSecret("Password: ");
  type("long enough pw\nlong enough pw\nthi");
  expect(await first).toBe("long enough pw");
  expect(await terminal.askSecret("Password (again): ")).toBe("long enough pw");
  const third = terminal.askSecret("And: ");
  type("rd\n");
  expect(await third).toBe("third");
  expect(seen()).not.toMatch(/long|third/);
});

test.each([
  ["the end of the input (Ctrl-D)", "\x04"],
  ["Ctrl-C", "\x03"],
  ["Ctrl-C in the middle", "boss\x03"],
])("%s is a failure, never an answer", async (_, typed) => {
  const { terminal, type } = keyboard();
  const answer = terminal.askSecret("Password: ");
  type(typed);
  await expect(answer).rejects.toThrow(CommandFailure);
});

test("a name that holds a terminal's commands is shown without them, and written to a file as it is", async () => {
  const hostile = "\u001b]0;owned\u0007\u009b2Jbob\r\tthe builder\n老板😀";
  const shown = keyboard();
  shown.terminal.note(hostile);
  await vi.waitFor(() =>
    expect(shown.seen()).toBe("\ufffd]0;owned\ufffd\ufffd2Jbob\ufffd\tthe builder\n老板😀\n"),
  );
  const piped = keyboard(false);
  piped.terminal.note(hostile);
  await vi.waitFor(() => expect(piped.seen()).toBe(`${hostile}\n`));
});

test("where nobody sits, nothing is asked; the first line of the input is read whole", async () => {
  const { terminal, type, seen } = keyboard(false);
  expect(() => terminal.ask("User name: ")).toThrow(UsageError);
  expect(seen()).toBe("");
  const line = terminal.readLine();
  // Byte by byte, so that no piece holds a whole character.
  for (const byte of Buffer.from("密码 with spaces \r\nmore")) type(Buffer.from([byte]));
  expect(await line).toBe("密码 with spaces ");
});
