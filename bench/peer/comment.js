// A comment action that reads a conversation page by page, 100 comments a page, until it finds its
// own comment, and then updates it or creates one: what the widely used ones do.
const core = require('@actions/core')
const github = require('@actions/github')

async function run() {
  const octokit = github.getOctokit(core.getInput('github-token', { required: true }))
  const [owner, repo] = process.env.GITHUB_REPOSITORY.split('/')
  const thread = { owner, repo, issue_number: github.context.payload.pull_request.number }
  const mark = '<!-- page by page -->'
  const body = `${mark}\n${core.getInput('message')}`
  let found
  const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, { ...thread, per_page: 100 })
  for await (const { data } of pages) {
    found = data.find((comment) => comment.body.includes(mark))
    if (found) break
  }
  if (found) await octokit.rest.issues.updateComment({ owner, repo, comment_id: found.id, body })
  else await octokit.rest.issues.createComment({ ...thread, body })
}

run().catch((error) => core.setFailed(error.message))
