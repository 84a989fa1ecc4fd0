export const meta = {
  name: 'link-check',
  description:
    'Checks 4,096 links without an agent each: items beyond the cap are refused, at the cap they pass',
}

const links = Array.from(
  { length: 4096 },
  (_, i) => `https://example.org/page/${i}?ref=${encodeURIComponent('größe')}`,
)
const broken = await pipeline(links, link => (new URL(link).pathname.endsWith('/404') ? link : 'fine'))

let tooMany
try {
  await parallel([...links, 'one more'].map(link => () => link))
  tooMany = 'accepted'
} catch (error) {
  tooMany = `${error.name}: ${/4,?096/.test(error.message) && /4,?097/.test(error.message)} ${/limits\.items|--max-items/.test(error.message)}`
}
const empty = [
  await parallel([]),
  await pipeline([]),
  await pipeline([1]),
  await pipeline(
    ['a'],
    x => x + 'b',
    undefinedStage => undefined,
    last => String(last),
  ),
]

const suspects = broken.filter(x => x !== 'fine')
const fixed = await parallel(
  suspects.map(link => () => agent(`Where did ${link} move to?`, { label: link.slice(-8) })),
)
return { checked: links.length, suspects: suspects.length, fixed: fixed.map(f => f !== null), tooMany, empty }
