import { createSession } from "@meiduo/client/session";
import { miniProgram } from "@meiduo/client/wx";

/**
 * The one session of this mini program. The address must be one of the server domains in its settings at WeChat
 * (request 合法域名): https, no IP address.
 */
export const session = createSession({
  baseUrl: "https://api.example.com",
  language: "zh-CN",
  ...miniProgram(uni),
});
