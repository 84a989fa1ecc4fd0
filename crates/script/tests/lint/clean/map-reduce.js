export const meta = { name: 'digest', description: 'Maps documents to notes and reduces them', args: { type: 'object', properties: { files: { type: 'array', items: { type: 'string' } } } } }
const files = args?.files ?? ['a.md', 'b.md', 'c.md']
const notes = await parallel(files.map(file => () => agent(`Summarise ${file} in five sentences.`, { label: file })))
const kept = notes.flatMap((note, i) => (note === null ? [] : [`# ${files[i]}\n${note}`]))
if (kept.length < files.length) log(`${files.length - kept.length} files could not be read`)
let level = kept
let depth = 0
while (level.length > 1) {
  depth++
  const pairs = []
  for (let i = 0; i < level.length; i += 2) pairs.push(level.slice(i, i + 2))
  const merged = await parallel(
    pairs.map((pair, i) => async () => (pair.length === 1 ? pair[0] : agent(`Merge:\n\n${pair.join('\n\n')}`, { label: `merge ${depth}.${i}` }))),
  )
  level = merged.map((text, i) => text ?? pairs[i].join('\n\n'))
}
return level[0] ?? null
