import { describe, expect, it } from "vitest";
import { createBrowserCookie, newBrowserId } from "./browser-cookie.ts";

describe("the cookie that ties a log-in to its browser", () => {
  const id = newBrowserId();
  const plain = createBrowserCookie({ isHttps: false });
  const secure = createBrowserCookie({ isHttps: true });

  it("over https belongs to this host alone, is sent over https alone and shown to no script", () => {
    expect(secure.write(id)).toBe(
      `__Host-meiduo_oauth=${id}; Path=/; Max-Age=3600; HttpOnly; SameSite=None; Secure`,
    );
    expect(plain.write(id)).toBe(`meiduo_oauth=${id}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax`);
  });

  it("is read among others, and only under its whole name", () => {
    expect(secure.read(`a=b; __Host-meiduo_oauth=${id}; c=d`)).toBe(id);
    // A sibling domain can plant the name without the prefix.
    expect(secure.read(`meiduo_oauth=${id}`)).toBeNull();
    expect(plain.read(`xmeiduo_oauth=${id}`)).toBeNull();
  });

  it.each([
    undefined,
    "",
    "meiduo_oauth",
    "meiduo_oauth=",
    `meiduo_oauth=${id}x`,
    "meiduo_oauth=<script>",
    ";;=;",
  ])("is nobody's when it reads %j", (header) => {
    expect(plain.read(header)).toBeNull();
  });

  it("takes linear time for a long header", () => {
    // Processor time of this thread: a busy machine does not add to it.
    const before = process.threadCpuUsage();
    expect(plain.read(";".repeat(1_000_000))).toBeNull();
    expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(1000);
  });
});
