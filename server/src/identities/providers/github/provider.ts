import { defineProvider } from "../define-provider.ts";
import { createGithub } from "./github.ts";
import { githubMark } from "./mark.ts";

export const github = defineProvider({
  name: "github",
  title: { zh: "GitHub", en: "GitHub" },
  company: { zh: "GitHub, Inc.（美国）", en: "GitHub, Inc. (USA)", isAbroad: true },
  mark: githubMark,
  loginType: 3,
  baseUrl: { address: "https://github.com", of: { zh: "GitHub 页面", en: "GitHub's pages" } },
  apiBaseUrl: { address: "https://api.github.com", of: { zh: "GitHub 接口", en: "GitHub's API" } },
  // Not raw.githubusercontent.com, where anybody can put a file.
  pictureHosts: [/^avatars\.githubusercontent\.com$/],
  callbackPages: ["/github_oauth_callback.html"],
  create: createGithub,
  sandbox: () => import("./sandbox.ts"),
});
