export const meta = {
  name: 'research',
  description: 'Answers a question from a folder of documents: one reader per document, then a reduction with sources.',
  whenToUse: 'More text than one context holds, and an answer that has to be traceable.',
  phases: [{ title: 'List' }, { title: 'Read' }, { title: 'Reduce' }],
  args: {
    type: 'object',
    required: ['question'],
    properties: {
      question: { type: 'string', minLength: 3, description: 'what you want to know' },
      path: { type: 'string', default: 'docs', description: 'the folder of documents' },
      files: { type: 'array', items: { type: 'string' }, maxItems: 500, description: 'the documents, if you know them' },
      max: { type: 'integer', minimum: 1, maximum: 500, default: 24, description: 'documents at most' },
    },
  },
}

const { question, path = 'docs', files: given, max = 24 } = args
const FAN_IN = 8

const LIST = {
  type: 'object',
  required: ['files'],
  properties: { files: { type: 'array', maxItems: 500, items: { type: 'string', maxLength: 200, description: 'path of a document' } } },
}
const NOTES = {
  type: 'object',
  required: ['relevant', 'notes'],
  properties: {
    relevant: { type: 'boolean' },
    notes: { type: 'string', maxLength: 1200, description: 'what this document says about it, with quotes' },
  },
}

phase('List')
const list = given ? { files: given } : await agent(`List the documents under \`${path}\` that may bear on this question: ${question}`, { label: 'list', schema: LIST, agentType: 'Explore' })
if (!list) throw new Error('the documents could not be listed')
const documents = [...new Set(list.files)].slice(0, max)
if (!documents.length) return { answer: null, why: `no documents under ${path}`, sources: [] }

phase('Read')
const read = await parallel(
  documents.map(file => () =>
    agent(`Read \`${file}\`. What does it say about this question?\n\n${question}\n\nOnly what stands there; if nothing does, say so.`, {
      label: `read:${file}`,
      schema: NOTES,
      agentType: 'Explore',
    }),
  ),
)
const unread = documents.filter((_, i) => read[i] === null)
let notes = documents.flatMap((file, i) => (read[i]?.relevant ? [`[${file}]\n${read[i].notes}`] : []))
const sources = documents.filter((_, i) => read[i]?.relevant)
log(`${sources.length} of ${documents.length} documents bear on it, ${unread.length} unread`)

phase('Reduce')
let level = 0
while (notes.length > FAN_IN) {
  level += 1
  const groups = Object.values(Object.groupBy(notes, (_, i) => Math.floor(i / FAN_IN)))
  const merged = await parallel(
    groups.map((group, i) => () =>
      group.length === 1
        ? group[0]
        : agent(`Merge these notes on the question "${question}". Keep every source in its [brackets], and every contradiction.\n\n${group.join('\n\n')}`, {
            label: `merge ${level}.${i + 1}`,
          }),
    ),
  )
  // Notes whose merge was lost go on unmerged: nothing is dropped in silence.
  notes = merged.flatMap((text, i) => (text === null ? [groups[i].join('\n\n')] : [text]))
  if (merged.every(text => text === null)) break
}
const answer = await agent(
  notes.length
    ? `Answer from these notes alone, with the sources in [brackets]; say what they leave open.\n\nQuestion: ${question}\n\n${notes.join('\n\n')}`
    : `No document bears on the question "${question}". Say so in one sentence, and name what would have to be read instead.`,
  { label: 'answer' },
)
return { answer, sources, unread }
