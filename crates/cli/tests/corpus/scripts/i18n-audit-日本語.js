export const meta = {
  name: 'i18n-audit',
  description: '翻訳の監査:各ロケールの訳文を確認し、プレースホルダーの不一致を報告する',
  phases: [{ title: '収集' }, { title: '翻訳確認' }, { title: '報告' }],
}

const ロケール = ['ja-JP', 'zh-CN', 'ko-KR', 'th-TH', 'ar-EG', 'he-IL']
const 名前 = {
  'ja-JP': '日本語',
  'zh-CN': '简体中文',
  'ko-KR': '한국어',
  'th-TH': 'ไทย',
  'ar-EG': 'العربية',
  'he-IL': 'עברית',
}

phase('収集')
const 原文 = await agent('`locales/en.json` を読み、UI文字列のキーと原文を最大8件抽出してください。', {
  label: '原文の収集',
  schema: {
    type: 'object',
    properties: {
      entries: {
        type: 'array',
        maxItems: 8,
        items: {
          type: 'object',
          properties: { key: { type: 'string' }, text: { type: 'string' } },
          required: ['key', 'text'],
        },
      },
    },
    required: ['entries'],
  },
})
if (!原文?.entries.length) return { 結果: '対象なし', ロケール数: ロケール.length }

phase('翻訳確認')
const placeholders = text =>
  [...text.matchAll(/\{(?<name>[\p{L}_][\p{L}\p{N}_]*)\}/gu)].map(m => m.groups.name).toSorted()
const 期待 = new Map(原文.entries.map(e => [e.key, placeholders(e.text)]))

const 監査 = await parallel(
  ロケール.map(
    locale => () =>
      agent(
        `次の文字列の${名前[locale]}訳(${locale})を確認してください。
原文と意味が違うもの、敬体/常体が混在しているもの、プレースホルダーが欠けているものを挙げてください。
${原文.entries.map(({ key, text }) => `・${key}:「${text}」`).join('\n')}`,
        {
          label: `監査 ${名前[locale]}`,
          schema: {
            type: 'object',
            properties: {
              問題: {
                type: 'array',
                items: {
                  type: 'object',
                  properties: { key: { type: 'string' }, 訳文: { type: 'string' }, 理由: { type: 'string' } },
                  required: ['key', '理由'],
                },
              },
              合格: { type: 'boolean' },
            },
            required: ['問題', '合格'],
          },
        },
      ),
  ),
)

phase('報告')
const 表 = ロケール.map((locale, i) => ({
  locale,
  名: 名前[locale],
  件数: 監査[i]?.問題.length ?? null,
  合格: 監査[i]?.合格 ?? '不明',
}))
log(`✅ ${表.filter(r => r.合格 === true).length}/${ロケール.length} ロケール合格`)
return { 表, 原文: 期待.size > 0, 失敗: failures().map(f => f.label) }
