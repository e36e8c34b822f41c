// The mailbox page: lists what GET messages/ has, shows one message, asks again every two seconds.
// Mail content only ever becomes text nodes here; its HTML goes into the sandboxed frame.
const texts = {
  zh: {
    title: "开发邮箱",
    banner: "邮件和短信没有发出，而是存放在这里。正式环境没有这个页面。",
    list: "邮件列表",
    search: "按收件地址或手机号查找",
    choose: "选择一封邮件查看内容。",
    code: "验证码",
    copy: "复制",
    copied: "已复制",
    text: "纯文本",
    sms: "短信",
    empty: "还没有邮件。",
    none: "没有符合的邮件。",
    count: (n) => `最近 ${n} 封，自动刷新`,
    lost: "连不上服务器，正在重试……",
    other: "English",
  },
  en: {
    title: "Development mailbox",
    banner: "Mails and SMS are kept here instead of being sent. This page does not exist in production.",
    list: "Messages",
    search: "Search by address or number",
    choose: "Choose a message to read it.",
    code: "Verification code",
    copy: "Copy",
    copied: "Copied",
    text: "Plain text",
    sms: "SMS",
    empty: "No messages yet.",
    none: "No message matches.",
    count: (n) => `Newest ${n}, refreshed automatically`,
    lost: "The server does not answer; trying again…",
    other: "中文",
  },
};

const byId = (id) => document.getElementById(id);
const limit = 50;
let language =
  localStorage.getItem("mailbox.language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
let messages = [];
let chosen = null;
let search = new URLSearchParams(location.search).get("to") ?? "";
let isLost = false;

function render() {
  const words = texts[language];
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = words.title;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = words[element.dataset.text];
  }
  byId("search").placeholder = words.search;
  byId("language").textContent = words.other;
  renderList(words);
  renderMessage();
}

function renderList(words) {
  byId("status").textContent = isLost
    ? words.lost
    : messages.length > 0
      ? words.count(messages.length)
      : search
        ? words.none
        : words.empty;
  const focused = document.activeElement?.dataset?.id;
  byId("messages").replaceChildren(
    ...messages.map((message) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.id = message.id;
      button.setAttribute("aria-current", String(message.id === chosen?.id));
      button.append(
        span(message.to),
        span(timeOf(message, { timeStyle: "short" }), "dim"),
        span(titleOf(message), "dim subject"),
      );
      button.addEventListener("click", () => {
        chosen = message;
        render();
      });
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
  if (focused) document.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
}

function renderMessage() {
  byId("nothing").hidden = chosen !== null;
  byId("message").hidden = chosen === null;
  if (!chosen || byId("message").dataset.shown === `${chosen.id}`) return;
  byId("message").dataset.shown = chosen.id;
  byId("subject").textContent = titleOf(chosen);
  byId("to").textContent = chosen.to;
  byId("time").textContent = timeOf(chosen, { dateStyle: "medium", timeStyle: "medium" });
  byId("time").dateTime = chosen.created_at;
  byId("code-line").classList.toggle("none", chosen.code === null);
  byId("code").textContent = chosen.code ?? "";
  byId("text").textContent = chosen.text;
  // Links of a mail open in a tab of their own.
  const isSms = chosen.channel === "sms";
  document.querySelector("[role=tablist]").hidden = isSms;
  showTab(isSms ? "text" : "html");
  byId("html").srcdoc = chosen.html.replace("<head>", '<head><base target="_blank">');
}

function titleOf(message) {
  return message.channel === "sms" ? texts[language].sms : message.subject;
}

function span(text, className = "") {
  const element = document.createElement("span");
  element.textContent = text;
  element.className = className;
  return element;
}

function timeOf(message, options) {
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en", options).format(
    new Date(message.created_at),
  );
}

function showTab(name) {
  for (const other of ["html", "text"]) {
    byId(`tab-${other}`).setAttribute("aria-selected", String(other === name));
    byId(`${other}-panel`).hidden = other !== name;
  }
}

async function refresh(from) {
  const wanted = search;
  try {
    const query = new URLSearchParams({ limit: String(limit), after: String(from) });
    if (wanted) query.set("search", wanted);
    const response = await fetch(`messages/?${query}`, { signal: AbortSignal.timeout(5000) });
    if (!response.ok) throw new Error(`${response.status}`);
    const found = await response.json();
    if (wanted !== search) return;
    const isChanged = isLost || from === 0 || found.length > 0;
    isLost = false;
    messages = (from === 0 ? found : [...found, ...messages]).slice(0, limit);
    if (isChanged) render();
  } catch {
    if (!isLost) {
      isLost = true;
      render();
    }
  }
}

byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("mailbox.language", language);
  delete byId("message").dataset.shown;
  render();
});
byId("search").value = search;
byId("search").addEventListener("input", () => {
  search = byId("search").value.trim();
  refresh(0);
});
byId("copy").addEventListener("click", async () => {
  // Browsers have the clipboard only under TLS and on this machine's own names, not on the tutorial's api.meiduo.com:8000.
  if (navigator.clipboard) await navigator.clipboard.writeText(chosen.code);
  else {
    getSelection().selectAllChildren(byId("code"));
    document.execCommand("copy");
  }
  byId("copy").textContent = texts[language].copied;
});
for (const name of ["html", "text"]) byId(`tab-${name}`).addEventListener("click", () => showTab(name));

render();
await refresh(0);
setInterval(() => {
  if (!document.hidden) refresh(messages[0]?.id ?? 0);
}, 2000);
