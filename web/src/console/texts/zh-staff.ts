/** Of the console's words in Chinese: the first superuser, changes of many, notes. */
export const zhStaff = {
  first: {
    lead: "这个链接由程序启动时给出，一小时内有效，只能用一次。",
    email: "邮箱（可以不填）",
    submit: "创建",
    made: "超级管理员已创建。现在用它登录。",
    logIn: "去登录",
  },
  bulk: {
    title: "批量操作",
    action: "操作",
    actions: {
      disable: "停用账号",
      enable: "恢复账号",
      end_tokens: "结束全部登录",
      add_to_group: "加入组",
      remove_from_group: "移出组",
    },
    choose: "选择",
    chooseOne: (id: number) => `选择 ${id}`,
    countChosen: (count: number) => `统计选中的 ${count} 个`,
    countAll: "统计所有符合条件的账号",
    counted: (count: number) => `将涉及 ${count} 个账号`,
    start: (action: string, count: number) => `${action}：${count} 个`,
    lead: "在后台逐个执行，每个账号都记入审计日志。你自己和权限比你多的账号会被跳过。",
    running: "正在执行：",
    finished: "已完成：",
  },
  notes: {
    title: "备注",
    lead: "备注属于用户的个人资料：用户导出自己的资料时会看到，账号删除时一起删除。",
    nothing: "还没有备注",
    text: "新备注",
    add: "写下备注",
    remove: "删除备注",
    removeLead: "删除后不能恢复。审计日志记下谁删除的，不记内容。",
  },
};
