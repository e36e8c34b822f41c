/** The history of log-ins; a part of zh-cn.ts. */
export const logIns = {
  title: "登录历史",
  lead: "最近的登录，包括已结束的。已结束的保留一周，被拒绝的尝试保留三十天。",
  notMe: "有不是你本人的？请让所有其他设备退出登录，然后",
  password: "修改密码",
  refusedTries: "被拒绝的尝试",
  refused: "被拒绝：{times} 次",
  refusedAt: "最近一次：{time} · 网络 {network}",
  at: "{time} · 网络 {network}",
  ended: "结束于 {time}",
  more: "显示更多",
  empty: "还没有记录。",
  reasons: {
    wrong_password: "密码错误",
    no_password: "账号没有密码",
    second_factor: "两步验证未通过",
    disabled: "账号已停用",
    throttled: "尝试过多",
    other: "未能登录",
  },
};
