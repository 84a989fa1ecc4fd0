export const meta = {
  name: 'knowledge-distill',
  description: '把分散在各处的团队知识提炼成一份手册:收集、去重、交叉验证、成文',
  phases: [{ title: '收集' }, { title: '验证' }, { title: '成文' }],
}

const 来源 = ['会议记录', '工单系统', '代码注释', '聊天记录 💬']
const 片段模式 = {
  type: 'object',
  properties: {
    facts: {
      type: 'array',
      maxItems: 5,
      items: {
        type: 'object',
        properties: { 主题: { type: 'string' }, 内容: { type: 'string' } },
        required: ['主题', '内容'],
      },
    },
  },
  required: ['facts'],
}

phase('收集')
const 收集结果 = await parallel(
  来源.map(
    s => () =>
      agent(`从「${s}」中提取可验证的团队知识,每条一句话。`, { label: `收集·${s}`, schema: 片段模式 }),
  ),
)

const 已见 = new Set()
const 归一 = t =>
  t
    .normalize('NFKC')
    .replace(/[\s\p{P}\p{S}]+/gu, '')
    .toLowerCase()
const 事实 = []
for (const [i, 结果] of 收集结果.entries()) {
  for (const f of 结果?.facts ?? []) {
    const 键 = 归一(f.主题 + f.内容)
    if (已见.has(键)) continue
    已见.add(键)
    事实.push({ ...f, 来源: 来源[i] })
  }
}

phase('验证')
const 验证 = await pipeline(
  事实.slice(0, 8),
  f =>
    parallel(
      ['支持', '反对'].map(
        立场 => () =>
          agent(`请站在「${立场}」立场核实:${f.主题}——${f.内容}`, {
            label: `${立场}·${f.主题.slice(0, 8)}`,
            phase: '验证',
            schema: { type: 'object', properties: { 成立: { type: 'boolean' } }, required: ['成立'] },
          }),
      ),
    ),
  (票, f) => ({ ...f, 成立: 票.filter(v => v?.成立).length, 票数: 票.filter(Boolean).length }),
)
const 成立 = 验证.filter(v => v && v.票数 > 0 && v.成立 === v.票数)

phase('成文')
const 手册 = 成立.length
  ? await agent(`请用以下事实写一页手册:\n${成立.map(f => `- ${f.内容}(${f.来源})`).join('\n')}`, {
      label: '成文',
    })
  : null
return {
  收集: 收集结果.filter(Boolean).length,
  去重后: 事实.length > 0,
  核实: 验证.length,
  成立: 成立.length,
  手册: 手册 !== null,
  归一: 归一('Ａpp 启动—失败!'),
}
