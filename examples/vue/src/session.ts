import { createSession } from "@meiduo/client/session";

/** The one session of this front end. `VITE_API_URL` is the address of the account server's API. */
export const session = createSession({
  baseUrl: import.meta.env.VITE_API_URL ?? "http://127.0.0.1:8000",
  language: "zh-CN",
});
