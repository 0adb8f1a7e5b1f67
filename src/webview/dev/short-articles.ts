/** Small articles for particular needs of looks and tests. */
export const shortArticles: Record<string, string> = {
  short: `# On Reading Slowly

A reader who hurries finds what she expected. A reader who waits may find what was written. The difference is not one of talent; it is one of *time*, and of the company one keeps while spending it.[^1]

## What the margin is for

The margin holds second thoughts. It is wide enough for a sentence and too narrow for a theory, which is its virtue. Annotators have known this since the first glossed Bibles: a note has to be short, and has to stand **level with its passage**, or it is lost.

| Period | Practice | Copies |
|---|---|---:|
| 9th century | interlinear gloss | 12 |
| 13th century | *glossa ordinaria* | 4,200 |
| 20th century | the pencilled question mark | countless |

> A book is not finished when it is printed; it is finished when it is answered.

1. First, read the passage twice.
2. Then say what it claims:
   - in your own words,
   - and in one sentence.
3. Only then disagree & say why: “it depends” is no reason.

The rate at which doubt decays may be written as $d(t) = d_0 e^{-\\lambda t}$, and its sum over a seminar as

$$\\sum_{i=1}^{n} \\frac{d_i}{1 + r_i} \\le \\int_0^T d(t)\\,dt$$

Code is quoted as it stands, \`const answer = 42;\` inline, or apart:

\`\`\`js
function annotate(passage, note) {
  return { passage, note, level: passage.top };
}
\`\`\`

A last sentence stands here, so that the end of the article has something to say. See [the source](https://example.org/source) and section [What the margin is for](#what-the-margin-is-for).

[^1]: Nietzsche calls philology the art of *reading slowly* (Daybreak, preface, 5). The remark is older than it looks.
`,
  rtl: `# در ستایش آهسته‌خوانی

خواننده‌ای که شتاب می‌کند همان را می‌یابد که انتظار داشت. خواننده‌ای که درنگ می‌کند شاید آنچه را نوشته شده است بیابد. تفاوت در استعداد نیست؛ در **زمان** است و در همنشینانی که این زمان را با آنان می‌گذرانیم.[^1]

## حاشیه به چه کار می‌آید

حاشیه جای اندیشهٔ دوم است. برای یک جمله به اندازهٔ کافی پهن و برای یک نظریه بسیار تنگ است، و حُسنش همین است. حاشیه‌نویسان از دیرباز این را می‌دانستند: یادداشت باید کوتاه باشد و باید *هم‌سطح با متن* بایستد، وگرنه گم می‌شود.

The term *marginalia* was coined by Coleridge in 1819 and entered English through Blackwood's Magazine.

- نخست متن را دو بار بخوانید.
- سپس بگویید چه ادعایی دارد.

| دوره | شیوه | شمار |
|---|---|---:|
| سدهٔ نهم | شرح میان‌سطری | ۱۲ |
| سدهٔ سیزدهم | حاشیهٔ پیوسته | ۴۲۰۰ |

> کتاب وقتی چاپ می‌شود تمام نمی‌شود؛ وقتی تمام می‌شود که پاسخی بیابد.

جملهٔ پایانی در اینجا ایستاده است تا پایان مقاله نیز چیزی برای گفتن داشته باشد.

[^1]: نیچه فیلولوژی را هنر آهسته خواندن می‌نامد.
`,
  hostile: `# Hostile <script>window.pwned = 1</script> title

A paragraph with <img src=x onerror="window.pwned = 2"> and [a link](javascript:window.pwned=3) and [another](command:workbench.action.quit) and <a href="javascript:window.pwned=4">raw</a>.

<iframe src="https://example.org"></iframe>

<div style="position:fixed;inset:0" class="toolbar" id="marginalia">cover</div>

![a picture](https://example.invalid/pixel.png "t") and ![local](secret.png)

$\\href{javascript:window.pwned=5}{x}$ and $\\htmlClass{toolbar}{y}$ stay formulas.

- [ ] <input autofocus onfocus="window.pwned = 6">
`,
};
