-- The module moonwheel.s3, with a server that the test plays. Tests/StandardModulesTests has a real one.

-- Runs the text as the body of a job; `answer` gets each request. Returns the run, and what was sent.
local function asked(sim, body, answer)
  local sent = {}
  sim:mock("http.request", function(options)
    sent[#sent + 1] = options
    return answer(options, #sent)
  end)
  sim:load("ask.lua", 'local s3 = require("moonwheel.s3").with { key = "AKIAIOSFODNN7EXAMPLE", secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }\n'
    .. 'job("ask", { run = function() ' .. body .. " end })")
  sim:trigger("ask")
  sim:advance("10m")
  local runs = sim:runs("ask")
  return runs[#runs], sent
end

local function nothing() return { status = 200, headers = {}, body = "" } end

test("the published example of a signed URL", { from = "2013-05-24" }, function(sim)
  local run = asked(sim, [[
    return s3.sign("examplebucket", "test.txt", { endpoint = "https://s3.amazonaws.com", path_style = false, expires = "24h" })]], nothing)
  expect(run.result):equals("https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    .. "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
    .. "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    .. "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
end)

test("a bucket is in the name of the host, or in the path", function(sim)
  local _, sent = asked(sim, [[
    s3.get("my-bucket", "a/b")
    s3.get("my.bucket", "a/b", { region = "eu-central-1" })
    s3.get("my-bucket", "a/b", { endpoint = "http://localhost:9000/" })
    s3.get("my-bucket", "a/b", { endpoint = "https://s3.example:443", path_style = false })
    s3.get("my-bucket", "a/b", { region = "cn-north-1" })]], nothing)
  local urls = {}
  for i, request in ipairs(sent) do urls[i] = request.url end
  expect(urls):equals {
    "https://my-bucket.s3.us-east-1.amazonaws.com/a/b", "https://s3.eu-central-1.amazonaws.com/my.bucket/a/b",
    "http://localhost:9000/my-bucket/a/b", "https://my-bucket.s3.example/a/b",
    "https://my-bucket.s3.cn-north-1.amazonaws.com.cn/a/b",
  }
  expect(sent[2].aws):equals {
    region = "eu-central-1", service = "s3", key = "AKIAIOSFODNN7EXAMPLE", secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  }
end)

test("keys are written as signatures have them", function(sim)
  local _, sent = asked(sim, [[s3.head("my-bucket", "a b+c=d/%41/ü:@&?#[]~.txt")]], nothing)
  expect(sent[1].url):equals(
    "https://my-bucket.s3.us-east-1.amazonaws.com/a%20b%2Bc%3Dd/%2541/%C3%BC%3A%40%26%3F%23%5B%5D~.txt")
end)

test("an object has what its headers say", function(sim)
  local run = asked(sim, [[return s3.get("my-bucket", "k")]], function()
    return {
      status = 200, body = "hello", headers = {
        ETag = '"abc"', ["Last-Modified"] = "Sat, 29 Feb 2020 23:59:58 GMT", ["Content-Type"] = "text/plain",
        ["Content-Length"] = "5", ["x-amz-meta-Origin"] = "test",
      },
    }
  end)
  expect(run.result):equals {
    body = "hello", size = 5, etag = "abc", modified = 1583020798, content_type = "text/plain", metadata = { origin = "test" },
  }
end)

test("a refusal has the code of S3", function(sim)
  local run = asked(sim, [[
    local one, two, three = {}, {}, {}
    one = { select(2, s3.get("my-bucket", "k")) }
    two = { select(2, s3.head("my-bucket", "k")) }
    three = { select(2, s3.get("my-bucket", "k")) }
    return { one[1], one[2], two[1], two[2], three[1], three[2] }]], function(_, number)
    if number == 1 then
      return { status = 404, headers = {}, body = [[<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment > <b> --><Error><Code>NoSuchKey</Code><Message>No &lt;key&gt; &#x201C;k&#8221; &amp;amp;</Message><Key>k</Key></Error>]] }
    elseif number == 2 then return { status = 403, headers = {}, body = "" } end
    return { status = 301, headers = { ["x-amz-bucket-region"] = "eu-west-1" }, body = "<Error><Code>PermanentRedirect</Code><Message>Elsewhere</Message></Error>" }
  end)
  expect(run.result):equals {
    "s3.get: No <key> “k” &amp; (NoSuchKey, HTTP 404)", "NoSuchKey",
    "s3.head: access denied (AccessDenied, HTTP 403)", "AccessDenied",
    "s3.get: Elsewhere; its region is eu-west-1 (PermanentRedirect, HTTP 301)", "PermanentRedirect",
  }
end)

local function page(first, last, token)
  local parts = { '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><EncodingType>url</EncodingType>' }
  for i = first, last do
    parts[#parts + 1] = ("<Contents><Key>a+b%%2B%04d</Key><Size>%d</Size><ETag>&quot;e&quot;</ETag><LastModified>1970-01-02T00:00:01.000Z</LastModified><Owner><ID/></Owner></Contents>"):format(i, i)
  end
  parts[#parts + 1] = token and "<IsTruncated>true</IsTruncated><NextContinuationToken>" .. token .. "</NextContinuationToken>" or "<IsTruncated>false</IsTruncated>"
  return { status = 200, headers = {}, body = table.concat(parts) .. "</ListBucketResult>" }
end

test("a list is read page by page", function(sim)
  local run, sent = asked(sim, [[
    local all, after = s3.list("my-bucket", "a b", { limit = 2500 })
    return { #all, all[1], all[2100].key, after }]], function(_, number)
    return number == 1 and page(1, 1000, "t&amp;1") or number == 2 and page(1001, 2000, "t2") or page(2001, 2100)
  end)
  expect(run.result):equals { 2100, { key = "a b+0001", size = 1, etag = "e", modified = 86401 }, "a b+2100" }
  expect(sent[2].query):equals {
    ["list-type"] = "2", ["encoding-type"] = "url", ["max-keys"] = "1000", prefix = "a b", ["continuation-token"] = "t&1",
  }
  expect(sent[3].query["max-keys"]):equals("500")
end)

test("a list that goes on says where", function(sim)
  local run = asked(sim, [[local all, after = s3.list("my-bucket", nil, { limit = 3 }) return { #all, after }]],
    function() return page(1, 3, "t") end)
  expect(run.result):equals { 3, "a b+0003" }
end)

test("folders are prefixes", function(sim)
  local run, sent = asked(sim, [[return s3.list("my-bucket", "a/", { delimiter = "/" }).prefixes]], function()
    return { status = 200, headers = {}, body = "<ListBucketResult><CommonPrefixes><Prefix>a/b/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>a/c+d/</Prefix></CommonPrefixes></ListBucketResult>" }
  end)
  expect(run.result):equals { "a/b/", "a/c+d/" }
  expect(sent[1].query.delimiter):equals("/")
end)

test("what is no list is not taken for an empty one", function(sim)
  for _, text in ipairs {
    "", "<html><body>hello</body></html>", "<ListBucketResult><Contents><Key>a</Key>", "<ListBucketResult></Contents></ListBucketResult>",
    ("<a>"):rep(40), "<ListBucketResult", "<!--", "<![CDATA[",
    "<ListBucketResult>" .. ("a<!---->"):rep(100000) .. "</ListBucketResult>",
  } do
    local run = asked(sim, [[return { select(2, s3.list("my-bucket")) }]], function() return { status = 200, headers = {}, body = text } end)
    expect(run.result[2]):equals("protocol")
  end
end)

test("what a script gives is checked before anything is sent", function(sim)
  local run, sent = asked(sim, [[
    local messages = {}
    local function try(...) messages[#messages + 1] = select(2, pcall(...)) end
    try(function() s3.get("my bucket", "k") end)
    try(function() s3.get("my-bucket", "a/../b") end)
    try(function() s3.get("my-bucket", "") end)
    try(function() s3.get("my-bucket", "k", { endpoint = "localhost:9000" }) end)
    try(function() s3.put("my-bucket", "k") end)
    try(function() s3.list("my-bucket", nil, { limit = 0 }) end)
    try(function() s3.sign("my-bucket", "k", { expires = "8d" }) end)
    try(function() s3.get("my-bucket", "k", { form = 1 }) end)
    try(function() require("moonwheel.s3").get("my-bucket", "k") end)
    return messages]], nothing)
  expect(run.result):equals {
    'ask.lua:4: s3.get: "my bucket" is not the name of a bucket: it has 3 to 63 letters, digits, dots and hyphens',
    'ask.lua:5: s3.get: the key "a/../b" has a part "..", which would be taken for a folder on its way',
    "ask.lua:6: s3.get: a key has 1 to 1024 bytes, not 0",
    'ask.lua:7: s3.get: the endpoint is https:// or http:// with a host and, if need be, a port, not "localhost:9000"',
    "ask.lua:8: s3.put takes either a text third, or the option from, which names a file",
    "ask.lua:9: s3.list: limit is a whole number from 1 to 100000",
    "ask.lua:10: s3.sign: expires is from a second to 7 days",
    'ask.lua:11: s3.get: unknown option "form"; there are anonymous, ca, connect_timeout, endpoint, insecure, key, max_size, path_style, proxy, region, retry, secret, timeout, to, token',
    'ask.lua:12: s3.get: the option key is missing: key = secret "...", or anonymous = true for a public bucket',
  }
  expect(sent):has_length(0)
end)
