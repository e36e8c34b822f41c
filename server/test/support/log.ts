/** A logger that keeps what it was told, for tests to read. */
export interface CapturedLog {
  readonly lines: { level: string; fields: Record<string, unknown>; message: string }[];
  info(...parts: unknown[]): void;
  warn(...parts: unknown[]): void;
  error(...parts: unknown[]): void;
}

export function capturedLog(): CapturedLog {
  const lines: CapturedLog["lines"] = [];
  const at =
    (level: string) =>
    (...parts: unknown[]) => {
      const fields = typeof parts[0] === "object" ? (parts[0] as Record<string, unknown>) : {};
      lines.push({ level, fields, message: String(typeof parts[0] === "string" ? parts[0] : parts[1]) });
    };
  return { lines, info: at("info"), warn: at("warn"), error: at("error") };
}
