export const meta = {
  name: 'docs-crawl',
  description: 'Crawl a documentation site with a hand-rolled pool, politely',
  phases: [{ title: 'Crawl' }],
}

// A pool as everyone writes it once: N workers over one queue, a pause between requests.
const start = new URL(args?.url ?? 'https://docs.example.org/guide/?lang=en#top')
const MAX_PAGES = args?.maxPages ?? 8
const WORKERS = 3
const queue = [start.href]
const visited = new Set()
const pages = []
const sleep = ms => new Promise(r => setTimeout(r, ms))

const PAGE = {
  type: 'object',
  properties: {
    title: { type: 'string' },
    paths: { type: 'array', items: { type: 'string', description: 'path relative to this page' } },
    outdated: { type: 'boolean' },
  },
  required: ['title', 'paths', 'outdated'],
}

function normalize(link, base) {
  try {
    const url = new URL(link, base)
    url.hash = ''
    url.searchParams.delete('utm_source')
    return url.origin === start.origin ? url.href : null
  } catch {
    return null
  }
}

async function worker(id) {
  let idle = 0
  while (visited.size < MAX_PAGES && idle < 3) {
    const href = queue.shift()
    if (href === undefined) {
      idle++
      await sleep(60_000)
      continue
    }
    if (visited.has(href)) continue
    visited.add(href)
    idle = 0
    const page = await agent(`Fetch ${href} and list its outgoing links. Is the page outdated?`, {
      label: `page ${new URL(href).pathname}`,
      phase: 'Crawl',
      schema: PAGE,
    })
    if (page) {
      pages.push({ href, outdated: page.outdated })
      for (const link of page.paths) {
        const next = normalize(link, href)
        if (next && !visited.has(next)) queue.push(next)
      }
    }
    await sleep(500 + 100 * id)
  }
}

await Promise.all(Array.from({ length: WORKERS }, (_, id) => worker(id)))
const normalized = normalize('?utm_source=x&a=1#frag', start)
return {
  start: start.pathname + start.search,
  normalized,
  within: visited.size <= MAX_PAGES + WORKERS,
  crawledAny: pages.length > 0,
  allOutdated: pages.every(p => p.outdated),
}
