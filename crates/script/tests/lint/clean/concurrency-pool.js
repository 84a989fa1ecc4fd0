export const meta = { name: 'pool', description: 'A pool of its own, with pauses' }
const jobs = Array.from({ length: 12 }, (_, i) => `task ${i}`)
const results = new Array(jobs.length).fill(null)
let next = 0
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
async function worker(id) {
  while (next < jobs.length) {
    const i = next++
    try {
      results[i] = await agent(`Do ${jobs[i]}.`, { label: `job:${i}` })
    } catch (error) {
      log(`worker ${id}: ${error.message}`)
    }
    await sleep(100)
  }
}
await Promise.allSettled([1, 2, 3].map(worker))
return { results, open: results.filter(r => r === null).length }
