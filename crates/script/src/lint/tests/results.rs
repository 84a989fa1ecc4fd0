//! Rules about what agents answer: `null`, losses, fan-outs, order.

use super::*;

const FILES: &str = "const S = { type: 'object', required: ['files'], properties: { files: { type: 'array', items: { type: 'string' } } } }\n";

#[track_caller]
fn check_with_schema(cases: &[(&str, &[&str])]) {
    let cases: Vec<(String, &[&str])> =
        cases.iter().map(|(body, expected)| ([FILES, body].concat(), *expected)).collect();
    let cases: Vec<(&str, &[&str])> =
        cases.iter().map(|(body, expected)| (body.as_str(), *expected)).collect();
    check(&cases);
}

#[test]
fn what_is_read_off_a_result_that_nobody_checked_is_found() {
    check_with_schema(&[
        ("const r = await agent('a', { schema: S })\nreturn r.files", &["FF006 «r.files» `r.files` throws"]),
        ("const text = await agent('a')\nreturn text.split('\\n')[0]", &["FF006 «text.split»"]),
        (
            "return (await agent('a', { schema: S })).files",
            &["FF006 «await agent('a', { schema: S })).files» `.files` throws"],
        ),
        (
            "const { files } = await agent('a', { schema: S })\nreturn files",
            &["FF006 «{ files }» to take it apart"],
        ),
        ("const r = await agent('a')\nreturn r['files']", &["FF006 «r['files']» this throws"]),
        ("const lines = await agent('a')\nreturn [...lines]", &["FF006 «...lines»"]),
        ("const lines = await agent('a')\nfor (const line of lines) log(line)", &["FF006 «lines» this loop"]),
        // Once a name, at its first use.
        (
            "const r = await agent('a', { schema: S })\nlog(r.files)\nreturn r.files.length",
            &["FF006 «r.files»"],
        ),
        // Through functions that pass it on, and in functions that nobody guards.
        (
            "const ask = q => agent(q, { schema: S })\nconst r = await ask('a')\nreturn r.files",
            &["FF006 «r.files»"],
        ),
        (
            "async function ask(q) { return await agent(q, { schema: S }) }\nreturn (await ask('a')).files",
            &["FF006"],
        ),
        (
            "async function count() {\n  const r = await agent('a', { schema: S })\n  return r.files.length\n}\nreturn await count()",
            &["FF006 «r.files»"],
        ),
        ("let r\nr = await agent('a', { schema: S })\nreturn r.files", &["FF006 «r.files»"]),
        ("return await agent('a', { schema: S }).then(r => r.files)", &["FF006 «r.files»"]),
        // Lists of results.
        (
            "const all = await parallel(['a', 'b'].map(x => () => agent(x, { schema: S })))\nreturn [all.flatMap(r => r.files), failures()]",
            &["FF006 «r.files»"],
        ),
        (
            "const [a, b] = await parallel([() => agent('a', { schema: S }), () => agent('b')])\nreturn a.files.concat(b ?? '')",
            &["FF006 «a.files»"],
        ),
        (
            "const all = await pipeline(['a', 'b'], x => x, x => agent(x, { schema: S }))\nfor (const one of all) log(one.files)",
            &["FF006 «one.files»"],
        ),
        (
            "const all = await parallel(['a', 'b'].map(x => () => agent(x, { schema: S })))\nreturn [all.map(({ files }) => files), failures()]",
            &["FF006 «{ files }»"],
        ),
        // Neither a condition on something else nor one that comes later helps.
        (
            "const r = await agent('a', { schema: S })\nif (budget.total) log('x')\nconst n = r.files.length\nif (!r) return 0\nreturn n",
            &["FF006"],
        ),
        ("const r = await agent('a', { schema: S })\nlog(`got ${r}`, r?.files)\nreturn r.files", &["FF006"]),
    ]);
}

#[test]
fn a_result_that_somebody_checked_is_not() {
    let ask = "const r = await agent('a', { schema: S })\n";
    for rest in [
        "if (!r) return\nreturn r.files",
        "if (r) log(r.files)",
        "if (r === null) throw new Error('x')\nreturn r.files",
        "if (r == null || r.files.length === 0) return",
        "return r && r.files",
        "return r ? r.files : []",
        "return r?.files ?? []",
        "return r?.files.map(f => f)",
        "if (!r?.files?.length) return\nreturn r.files",
        "if (!r || !r.files) return",
        "return (r ?? { files: [] }).files",
        "while (!r) return\nreturn r.files",
        "switch (r) { case null: return 1 }\nreturn r.files",
        "const ok = r !== null\nreturn ok ? r.files : 0",
        "if ([r].some(x => !x)) return\nreturn r.files",
        "const all = [r]\nif (all.includes(null)) return\nreturn r.files",
        "function must(x) { if (!x) throw new Error('x') }\nmust(r)\nreturn r.files",
        "if (failures().length) return failures()\nreturn r.files",
        "try { return r.files } catch { return [] }",
        "return { ...r }",
        "return [r, JSON.stringify(r), `${r}`, typeof r]",
        "const read = () => r.files\nreturn typeof read",
    ] {
        check_clean(&[&[FILES, ask, rest].concat()]);
    }
    let cases = [
        "const r = (await agent('a', { schema: S })) ?? { files: [] }\nreturn r.files",
        "const { files = [] } = (await agent('a', { schema: S })) || {}\nreturn files",
        "let r = await agent('a', { schema: S })\nr ??= { files: [] }\nreturn r.files",
        "let r = { files: [] }\nif (args0()) r = await agent('a', { schema: S })\nreturn r.files\nfunction args0() { return true }",
        "let r = null\nfor (let i = 0; i < 3 && !r; i++) r = await agent(`a${i}`, { schema: S })\nreturn r ? r.files : []",
        "const p = agent('a', { schema: S })\nreturn await p.then(r => r?.files)",
        "return await agent('a', { schema: S }).then(r => r.files).catch(() => [])",
        "const r = await agent('a').catch(() => null)\nreturn r ?? 'x'",
        // A thunk or a stage that throws is a loss like any other, and listed.
        "const all = await parallel(['a', 'b'].map(x => async () => {\n  const r = await agent(x, { schema: S })\n  return r.files\n}))\nreturn [all, failures()]",
        "return await pipeline(['a', 'b'], x => agent(x, { schema: S }), r => r.files.length)",
        "async function one(x) {\n  const r = await agent(x, { schema: S })\n  return r.files.length\n}\nreturn await parallel(['a', 'b'].map(x => () => one(x)))",
        "async function one(x) {\n  const r = await agent(x, { schema: S })\n  return r.files.length\n}\ntry { return await one('a') } catch (e) { return e.message }",
        "const all = await parallel(['a', 'b'].map(x => () => agent(x, { schema: S })))\nif (all.some(r => !r)) return\nreturn all.flatMap(r => r.files)",
        "const all = await parallel(['a', 'b'].map(x => () => agent(x, { schema: S })))\nreturn [all.filter(Boolean).flatMap(r => r.files), all.filter(r => r === null).length]",
        "const all = await parallel(['a', 'b'].map(x => async () => ({ x, r: await agent(x) })))\nreturn all.map(one => one.x)",
        "const agent2 = () => ({ files: [] })\nconst r = await agent2()\nreturn r.files",
        "{ const agent = () => ({ files: [] })\nconst r = await agent('a')\nlog(r.files) }",
    ];
    for case in cases {
        check_clean(&[&[FILES, case].concat()]);
    }
}

#[test]
fn a_filter_whose_losses_nobody_counts_is_found() {
    let ask = "const all = await parallel(['a', 'b'].map(x => () => agent(x)))\n";
    for filter in ["filter(Boolean)", "filter(x => x)", "filter(r => r !== null)", "filter(r => r != null)"] {
        let body = format!("{ask}return all.{filter}");
        check(&[(&body, &[&format!("FF007 «.{filter}» this filter drops")])]);
    }
    check(&[
        (
            "return (await parallel(['a', 'b'].map(x => () => agent(x)))).filter(Boolean).join('\\n')",
            &["FF007"],
        ),
        (
            "const all = await parallel([() => agent('a'), () => agent('b')])\nreturn all.filter(Boolean)",
            &["FF007"],
        ),
        (
            "const all = await pipeline(['a', 'b'], x => agent(x), r => agent(r))\nconst ok = all.filter(Boolean)\nreturn ok.map(x => x)",
            &["FF007"],
        ),
    ]);
    for rest in [
        "return all.filter(Boolean).length",
        "return [all.filter(Boolean), failures()]",
        "const ok = all.filter(Boolean)\nlog(`${ok.length} of 2`)\nreturn ok",
        "const ok = all.filter(Boolean)\nif (ok.length < all.length) log('lost')\nreturn ok",
        "return { ok: all.filter(Boolean), lost: all.filter(x => x === null).length }",
        "const lost = ['a', 'b'].filter((_, i) => !all[i])\nreturn [all.filter(Boolean), lost]",
        "return all.filter(r => r && r.length > 3)",
    ] {
        check_clean(&[&[ask, rest].concat()]);
    }
    check_clean(&[
        "return ['', 'a'].filter(Boolean)",
        "const all = await parallel(['a', 'b'].map(x => async () => ({ x, r: await agent(x) })))\nreturn all.filter(Boolean)",
        "const words = 'a b'.split(' ').filter(Boolean)\nreturn await agent(words.join())",
        "log('results.filter(Boolean)') // parallel(…).filter(Boolean)",
    ]);
}

#[test]
fn a_fan_out_as_wide_as_a_model_says_is_found() {
    check_with_schema(&[
        (
            "const r = await agent('a', { schema: S })\nif (!r) return\nreturn await parallel(r.files.map(f => () => agent(f)))",
            &["FF008 «r.files» `parallel` is as wide as `r.files`"],
        ),
        (
            "const r = await agent('a', { schema: S })\nreturn await pipeline(r?.files ?? [], f => agent(f))",
            &["FF008 «r?.files ?? []» `pipeline`"],
        ),
        (
            "const r = (await agent('a', { schema: S })) ?? { files: [] }\nfor (const f of r.files) await agent(f, { label: f })",
            &["FF008 «r.files» this loop"],
        ),
        (
            "const { files } = (await agent('a', { schema: S })) ?? { files: [] }\nconst unique = [...new Set(files)].sort()\nreturn await parallel(unique.map(f => () => agent(f)))",
            &["FF008 «unique»"],
        ),
        (
            "const all = await parallel(['a', 'b'].map(x => () => agent(x, { schema: S })))\nconst files = all.filter(Boolean).flatMap(r => r.files)\nlog(all.length)\nconst thunks = files.map(f => () => agent(f))\nreturn await parallel(thunks)",
            &["FF008 «files»"],
        ),
        (
            "return await pipeline(['a', 'b'], x => agent(x, { schema: S }), r => parallel(r.files.map(f => () => agent(f))))",
            &["FF008 «r.files»"],
        ),
        (
            "return await pipeline(['a', 'b'], x => agent(x, { schema: S }), ({ files }) => pipeline(files, f => agent(f)))",
            &["FF008 «files»"],
        ),
        (
            "const r = await agent('a', { schema: S })\nreturn await parallel((r ? r.files : []).filter(f => f.endsWith('.js')).map(f => () => agent(f)))",
            &["FF008"],
        ),
    ]);
    let ask = "const r = (await agent('a', { schema: S })) ?? { files: [] }\n";
    for rest in [
        "return await parallel(r.files.slice(0, 20).map(f => () => agent(f)))",
        "const files = r.files.slice(0, 9)\nreturn await parallel(files.map(f => () => agent(f)))",
        "const files = r.files\nif (files.length > 20) files.length = 20\nreturn await parallel(files.map(f => () => agent(f)))",
        "const files = r.files\nif (files.length > 20) throw new Error('too many')\nreturn await pipeline(files, f => agent(f))",
        "return await parallel(r.files.filter((_, i) => i < 9).map(f => () => agent(f)))",
        "for (const f of r.files) { if (budget.spent() > 9e5) break\n await agent(f, { label: f }) }",
        "for (const f of r.files) log(f)",
        "return await parallel(['a', 'b'].map(f => () => agent(f + r.files.join())))",
        "const top = cap(r.files)\nreturn await parallel(top.map(f => () => agent(f)))\nfunction cap(list) { return list.slice(0, 3) }",
    ] {
        check_clean(&[&[FILES, ask, rest].concat()]);
    }
    check_clean(&[
        "// meta: limits: { agents: 50 }\nconst S = { type: 'object', properties: { files: { type: 'array' } } }\nconst r = await agent('a', { schema: S })\nreturn await parallel((r?.files ?? []).map(f => () => agent(f)))",
        "const S = { type: 'object', properties: { files: { type: 'array', maxItems: 5 } } }\nconst r = await agent('a', { schema: S })\nreturn await parallel((r?.files ?? []).map(f => () => agent(f)))",
        "const S = make()\nfunction make() { return {} }\nconst r = await agent('a', { schema: S })\nreturn await parallel((r?.files ?? []).map(f => () => agent(f)))",
    ]);
}

#[test]
fn what_grows_in_the_order_of_endings_and_goes_into_a_prompt_is_found() {
    check(&[
        (
            "let notes = ''\nawait parallel(['a', 'b'].map(f => async () => {\n  notes += `${await agent(f)}\\n`\n}))\nreturn await agent(notes)",
            &["FF021 `notes` grows"],
        ),
        (
            "const notes = []\nawait pipeline(['a', 'b'], f => agent(f), (n, f) => { notes.push(n) })\nreturn notes",
            &[],
        ),
        (
            "const notes = []\nawait pipeline(['a', 'b'], async f => { const n = await agent(f); notes.push(n) })\nconst text = notes.join()\nreturn await agent(`Merge ${text}`)",
            &["FF021"],
        ),
        (
            "const seen = new Set()\nawait parallel(['a', 'b'].map(f => () => agent(f).then(n => { seen.add(n) })))\nreturn await agent([...seen].join())",
            &["FF021"],
        ),
        (
            "let n = 0\nreturn await parallel(['a', 'b'].map(f => async () => {\n  await agent(f)\n  n++\n  return agent(`${f}, ${n} are done`)\n}))",
            &["FF021"],
        ),
        (
            "const done = []\nfor (let i = 0; i < 2; i++) {\n  await parallel(['a', 'b'].map(f => async () => { done.push(await agent(`${f} ${done.join()} ${i}`)) }))\n}",
            &["FF021"],
        ),
    ]);
    check_clean(&[
        // The order of a list: sums, places, what is set before any wait, what is sorted, what no prompt holds.
        "let n = 0\nawait parallel(['a', 'b'].map(f => async () => { await agent(f); n++ }))\nreturn await agent(`${n} are done`)",
        "const out = []\nawait parallel(['a', 'b'].map((f, i) => async () => { out[i] = await agent(f) }))\nreturn await agent(out.join())",
        "const out = []\nawait parallel(['a', 'b'].map(f => async () => { out.push(f); await agent(f) }))\nreturn await agent(out.join())",
        "const out = []\nawait parallel(['a', 'b'].map(f => async () => { out.push(await agent(f)) }))\nout.sort()\nreturn await agent(out.join())",
        "const out = []\nawait parallel(['a', 'b'].map(f => async () => { out.push(await agent(f)) }))\nreturn await agent(`${out.toSorted().join()}`)",
        "const out = []\nawait parallel(['a', 'b'].map(f => async () => { out.push(await agent(f)) }))\nreturn out",
        "const out = []\nawait parallel(['a', 'b'].map(f => async () => { out.push(await agent(f)) }))\nreturn await agent(`${out.length} notes`)",
        "const out = []\nfor (const f of ['a', 'b']) out.push(await agent(f))\nreturn await agent(out.join())",
        "await parallel(['a', 'b'].map(f => async () => { const own = []; own.push(await agent(f)); return agent(own.join()) }))",
    ]);
}
