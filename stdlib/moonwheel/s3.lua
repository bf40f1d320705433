-- s3: objects in buckets of Amazon S3, or of a server that speaks as it does (MinIO, Ceph, Garage, R2, B2).

local services = require "moonwheel.services"
local hash, ipairs, now, next, tonumber, tostring, type, utf8 = hash, ipairs, now, next, tonumber, tostring, type, utf8
local char, byte, concat, find, floor, format, gsub, lower, match, sort, sub =
  string.char, string.byte, table.concat, string.find, math.floor, string.format, string.gsub, string.lower,
  string.match, table.sort, string.sub
local date, math_type = os.date, math.type

local mistake = services.mistake

-- Options ------------------------------------------------------------------------------------------------------------

-- What says where the buckets are, and who asks: the options that each function takes.
local access = {
  endpoint = "string", region = "string", path_style = "boolean", key = "string", secret = "string", token = "string",
  anonymous = "boolean", timeout = "number|string", connect_timeout = "number|string", retry = "number|table",
  proxy = "string", ca = "string", insecure = "boolean",
}

local function with_access(more)
  for name, kind in next, access do more[name] = kind end
  return more
end

local known = {
  with = with_access {},
  get = with_access { to = "string", max_size = "number|string" },
  put = with_access { from = "string", content_type = "string", metadata = "table", headers = "table" },
  head = with_access {},
  delete = with_access {},
  list = with_access { limit = "number", after = "string", delimiter = "string" },
  sign = with_access { expires = "number|string", method = "string", query = "table" },
}

-- Addresses ----------------------------------------------------------------------------------------------------------

local function percent(letter) return format("%%%02X", byte(letter)) end

-- As signatures have it: everything but the unreserved characters.
local function encoded(text) return (gsub(text, "[^A-Za-z0-9%-%._~]", percent)) end
local function encoded_path(text) return (gsub(text, "[^A-Za-z0-9%-%._~/]", percent)) end

local function check_key(key, word)
  if type(key) ~= "string" then mistake("%s takes the key of the object second, not a %s", word, type(key)) end
  if key == "" or #key > 1024 then mistake("%s: a key has 1 to 1024 bytes, not %d", word, #key) end
  for part in (key .. "/"):gmatch("([^/]*)/") do
    if part == "." or part == ".." then
      mistake("%s: the key %q has a part %q, which would be taken for a folder on its way", word, key, part)
    end
  end
end

-- The scheme, the host and the path under which a bucket is.
local function place(bucket, options, word)
  if type(bucket) ~= "string" then mistake("%s takes the name of a bucket first, not a %s", word, type(bucket)) end
  if #bucket < 3 or #bucket > 63 or not find(bucket, "^[A-Za-z0-9][A-Za-z0-9%._-]*$") then
    mistake("%s: %q is not the name of a bucket: it has 3 to 63 letters, digits, dots and hyphens", word, bucket)
  end
  local region = options.region or "us-east-1"
  if not find(region, "^[A-Za-z0-9-]+$") then mistake("%s: %q is not the name of a region", word, region) end
  local endpoint = options.endpoint
  if not endpoint then
    endpoint = format("https://s3.%s.amazonaws.com%s", region, find(region, "^cn%-") and ".cn" or "")
  end
  local scheme, host = match(endpoint, "^(https?)://([A-Za-z0-9%.:%[%]_-]+)/?$")
  if not host then
    mistake("%s: the endpoint is https:// or http:// with a host and, if need be, a port, not %q", word, endpoint)
  end
  host = gsub(lower(host), scheme == "https" and ":443$" or ":80$", "")
  local in_path = options.path_style
  if in_path == nil then in_path = options.endpoint ~= nil or find(bucket, ".", 1, true) ~= nil end
  if in_path then return scheme, host, "/" .. bucket .. "/", region end
  return scheme, bucket .. "." .. host, "/", region
end

local function check_access(options, word)
  if options.anonymous then return end
  for _, name in next, { "key", "secret" } do
    if not options[name] then
      mistake("%s: the option %s is missing: %s = secret \"...\", or anonymous = true for a public bucket", word, name, name)
    end
  end
end

-- Answers ------------------------------------------------------------------------------------------------------------

local entities = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'" }

local function plain(text)
  return (gsub(text, "&(#?)(x?)(%w+);", function(number, hexadecimal, name)
    if number == "" then return entities[hexadecimal .. name] end
    local code = tonumber(name, hexadecimal == "" and 10 or 16)
    return code and code <= 0x10FFFF and utf8.char(code) or nil
  end))
end

-- How deep elements may be in each other.
local deepest = 32

-- Reads XML: calls `closed(name, text, depth)` at the end of each element, with the text that was directly in it; the
-- outermost element has depth 1. Attributes, comments and what a document says of its type are left out. Returns whether
-- the text was whole.
local function read_xml(text, closed)
  local position, depth, names, texts = 1, 0, {}, {}
  local function add(piece) if depth > 0 then texts[depth] = texts[depth] .. piece end end
  while true do
    local open = find(text, "<", position, true)
    if not open then return depth == 0 end
    if open > position then add(plain(sub(text, position, open - 1))) end
    local finish
    if sub(text, open, open + 3) == "<!--" then
      _, finish = find(text, "-->", open + 4, true)
    elseif sub(text, open, open + 8) == "<![CDATA[" then
      local first, last = find(text, "]]>", open + 9, true)
      if first then add(sub(text, open + 9, first - 1)) end
      finish = last
    else
      finish = find(text, ">", open, true)
      local slash, name, rest = match(sub(text, open, finish or -1), "^<(/?)([%a_][%w_:.-]*)(.-)>$")
      if name and slash == "" then
        depth = depth + 1
        if depth > deepest then return false end
        names[depth], texts[depth] = name, ""
      end
      if name and (slash ~= "" or sub(rest, -1) == "/") then
        if names[depth] ~= name then return false end
        closed(name, texts[depth], depth)
        depth = depth - 1
      end
    end
    if not finish then return false end
    position = finish + 1
  end
end

-- What S3 said instead of doing it. An answer to HEAD has no text, so that its status must do.
local without_text = {
  [301] = { "PermanentRedirect", "the bucket is in another region" }, [400] = { "BadRequest", "the request is wrong" },
  [403] = { "AccessDenied", "access denied" }, [404] = { "NoSuchKey", "there is no such object" },
}

local function failure(word, response)
  local fields = {}
  if type(response.body) == "string" then
    read_xml(response.body, function(name, text, depth) if depth == 2 then fields[name] = text end end)
  end
  local usual = without_text[response.status] or {}
  local code = fields.Code or usual[1] or "status"
  local message = fields.Message or usual[2] or services.line(response.body)
  local region = services.header(response, "x-amz-bucket-region") or fields.Region
  if region and (response.status == 301 or response.status == 400) then
    message = format("%s; its region is %s", message, region)
  end
  return nil, format("%s: %s (%s, HTTP %d)", word, message, code, response.status), code, response
end

-- Seconds since 1970 of a time in UTC.
local function instant(year, month, day, hour, minute, second)
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if not (year and month and day) then return nil end
  if month <= 2 then year, month = year - 1, month + 12 end
  local days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469
  return days * 86400 + tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second)
end

local months = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12 }

local function header_time(text)
  local day, month, year, hour, minute, second = match(text or "", "(%d+) (%a+) (%d+) (%d+):(%d+):(%d+)")
  if day then return instant(year, months[month], day, hour, minute, second) end
end

local function list_time(text)
  local year, month, day, hour, minute, second = match(text or "", "^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)")
  if year then return instant(year, month, day, hour, minute, second) end
end

local function unquoted(etag) return etag and (gsub(etag, '"', "")) end

local function facts(response)
  local metadata = {}
  for name, value in next, type(response.headers) == "table" and response.headers or {} do
    local own = type(name) == "string" and match(lower(name), "^x%-amz%-meta%-(.+)$")
    if own then metadata[own] = value end
  end
  return {
    size = tonumber((services.header(response, "content-length"))), etag = unquoted(services.header(response, "etag")),
    modified = header_time(services.header(response, "last-modified")),
    content_type = services.header(response, "content-type"), version = services.header(response, "x-amz-version-id"),
    metadata = metadata,
  }
end

-- Requests -----------------------------------------------------------------------------------------------------------

local function request(word, options, region, details)
  check_access(options, word)
  for _, name in next, { "connect_timeout", "proxy", "ca", "insecure" } do details[name] = options[name] end
  details.timeout = options.timeout
  details.retry = options.retry or 3
  details.redirects = 0
  if not options.anonymous then
    details.aws = { region = region, service = "s3", key = options.key, secret = options.secret, token = options.token }
  end
  return services.request(details)
end

-- One request for an object.
local function object(word, method, bucket, key, options, details)
  check_key(key, word)
  local scheme, host, path, region = place(bucket, options, word)
  details.method, details.url = method, scheme .. "://" .. host .. path .. encoded_path(key)
  local response, why, code = request(word, options, region, details)
  if not response then return nil, why, code end
  if response.status < 200 or response.status > 299 then return failure(word, response) end
  return response
end

local function get(bucket, key, options)
  -- What a file takes may take long.
  local details = { to = options.to, max_size = options.max_size }
  if options.to and not options.timeout then details.timeout = "1h" end
  local response, why, code, partial = object("s3.get", "GET", bucket, key, options, details)
  if not response then return nil, why, code, partial end
  local result = facts(response)
  result.path, result.body = response.path, not options.to and response.body or nil
  result.size = response.size or result.size
  return result
end

local function head(bucket, key, options)
  local response, why, code, partial = object("s3.head", "HEAD", bucket, key, options, {})
  if not response then return nil, why, code, partial end
  return facts(response)
end

local function delete(bucket, key, options)
  local response, why, code, partial = object("s3.delete", "DELETE", bucket, key, options, {})
  if not response then return nil, why, code, partial end
  return true
end

local function put(bucket, key, body, options)
  if (body == nil) == (options.from == nil) then
    mistake("s3.put takes either a text third, or the option from, which names a file")
  end
  if body ~= nil and type(body) ~= "string" then mistake("s3.put takes a text third, not a %s", type(body)) end
  local headers = { ["Content-Type"] = options.content_type or "application/octet-stream" }
  for name, value in next, options.headers or {} do headers[name] = value end
  for name, value in next, options.metadata or {} do
    if type(name) ~= "string" or not find(name, "^[A-Za-z0-9_-]+$") then
      mistake("s3.put: %q is not a name of metadata: letters, digits, - and _", tostring(name))
    end
    headers["x-amz-meta-" .. lower(name)] = tostring(value)
  end
  local details = { headers = headers, body = body, from = options.from }
  if options.from and not options.timeout then details.timeout = "1h" end
  local response, why, code, partial = object("s3.put", "PUT", bucket, key, options, details)
  if not response then return nil, why, code, partial end
  local result = facts(response)
  return { etag = result.etag, version = result.version }
end

-- list ---------------------------------------------------------------------------------------------------------------

local function decoded(text)
  return (gsub(gsub(text, "%+", " "), "%%(%x%x)", function(digits) return char(tonumber(digits, 16)) end))
end

-- Reads a page into `found`. Returns what asks for the next page; nil after the last, false for a text that is no page.
local function read_page(text, found)
  local item, page, prefixes = {}, {}, {}
  local is_whole = read_xml(text, function(name, content, depth)
    if depth == 2 and name == "Contents" then
      found[#found + 1] = {
        key = item.Key, size = tonumber(item.Size), modified = list_time(item.LastModified), etag = unquoted(item.ETag),
        class = item.StorageClass,
      }
      item = {}
    elseif depth == 2 and name == "CommonPrefixes" then
      prefixes[#prefixes + 1], item = item.Prefix, {}
    elseif depth == 2 then
      page[name] = content
    elseif depth == 3 then
      item[name] = content
    elseif depth == 1 then
      page.root = name
    end
  end)
  if not is_whole or page.root ~= "ListBucketResult" then return false end
  return page.IsTruncated == "true" and page.NextContinuationToken or nil, prefixes, page.EncodingType == "url"
end

local most_listed, largest_page, most_pages = 100000, 1000, 1000
-- Behind a prefix with this stands no key that begins with the prefix.
local last_character = utf8.char(0x10FFFF)

local function list(bucket, prefix, options)
  local scheme, host, path, region = place(bucket, options, "s3.list")
  if prefix ~= nil and type(prefix) ~= "string" then mistake("s3.list takes a prefix second, not a %s", type(prefix)) end
  local limit = options.limit or 1000
  if math_type(limit) ~= "integer" or limit < 1 or limit > most_listed then
    mistake("s3.list: limit is a whole number from 1 to %d", most_listed)
  end
  local found, token, count = { prefixes = {} }, nil, 0
  for _ = 1, most_pages do
    local page_size = limit - count
    if page_size > largest_page then page_size = largest_page end
    local response, why, code = request("s3.list", options, region, {
      method = "GET", url = scheme .. "://" .. host .. path,
      query = {
        ["list-type"] = "2", ["encoding-type"] = "url", ["max-keys"] = format("%d", page_size),
        prefix = prefix ~= "" and prefix or nil, delimiter = options.delimiter,
        ["start-after"] = not token and options.after or nil, ["continuation-token"] = token,
      },
    })
    if not response then return nil, why, code end
    if response.status ~= 200 then return failure("s3.list", response) end
    local first = #found + 1
    local next_token, prefixes, is_encoded = read_page(response.body or "", found)
    if next_token == false then
      return nil, "s3.list: the answer is not a list of objects: " .. services.line(response.body), "protocol"
    end
    for number = first, #found do
      if is_encoded then found[number].key = decoded(found[number].key or "") end
    end
    for _, name in next, prefixes do
      found.prefixes[#found.prefixes + 1] = is_encoded and decoded(name) or name
    end
    token, count = next_token, #found + #found.prefixes
    if not token then return found end
    if count >= limit then break end
  end
  local last, last_prefix = found[#found] and found[#found].key or "", found.prefixes[#found.prefixes] or ""
  return found, last_prefix > last and last_prefix .. last_character or last
end

-- sign ---------------------------------------------------------------------------------------------------------------

local most_seconds = 7 * 86400
local bytes = { as = "bytes" }

local function sign(bucket, key, options)
  check_key(key, "s3.sign")
  local scheme, host, path, region = place(bucket, options, "s3.sign")
  if options.anonymous then mistake("s3.sign needs the options key and secret: a signature says who gives access") end
  check_access(options, "s3.sign")
  local method = options.method or "GET"
  if not find(method, "^%u+$") then mistake("s3.sign: the method is GET, PUT, HEAD or DELETE, not %q", method) end
  local seconds = services.seconds(options.expires or 3600, "s3.sign: expires")
  if seconds < 1 or seconds > most_seconds then mistake("s3.sign: expires is from a second to 7 days") end
  local time = date("!%Y%m%dT%H%M%SZ", floor(now()))
  local day = sub(time, 1, 8)
  local scope = format("%s/%s/s3/aws4_request", day, region)
  local query = {}
  for name, value in next, options.query or {} do query[name] = tostring(value) end
  query["X-Amz-Algorithm"], query["X-Amz-Date"] = "AWS4-HMAC-SHA256", time
  query["X-Amz-Credential"], query["X-Amz-Expires"] = options.key .. "/" .. scope, format("%d", floor(seconds))
  query["X-Amz-SignedHeaders"], query["X-Amz-Security-Token"] = "host", options.token
  local names, parts = {}, {}
  for name in next, query do names[#names + 1] = name end
  sort(names)
  for number, name in ipairs(names) do parts[number] = encoded(name) .. "=" .. encoded(query[name]) end
  path = path .. encoded_path(key)
  local asked = concat(parts, "&")
  local canonical = concat({ method, path, asked, "host:" .. host, "", "host", "UNSIGNED-PAYLOAD" }, "\n")
  local text = concat({ "AWS4-HMAC-SHA256", time, scope, hash.sha256(canonical) }, "\n")
  local signing = hash.hmac("AWS4" .. options.secret, day, bytes)
  for _, part in next, { region, "s3", "aws4_request" } do signing = hash.hmac(signing, part, bytes) end
  return format("%s://%s%s?%s&X-Amz-Signature=%s", scheme, host, path, asked, hash.hmac(signing, text))
end

-- The functions with given options -----------------------------------------------------------------------------------

-- A function that checks the options of a call, and adds them to those that were given to `with`.
local function taking(name, usual)
  return function(given)
    services.options(given, known[name], "s3." .. name)
    local options = {}
    for option, value in next, usual do options[option] = value end
    for option, value in next, given or {} do options[option] = value end
    return options
  end
end

local function functions(usual)
  local own = {}
  for name in next, known do own[name] = taking(name, usual) end
  return services.module("s3", {
    get = function(bucket, key, options) return get(bucket, key, own.get(options)) end,
    head = function(bucket, key, options) return head(bucket, key, own.head(options)) end,
    delete = function(bucket, key, options) return delete(bucket, key, own.delete(options)) end,
    sign = function(bucket, key, options) return sign(bucket, key, own.sign(options)) end,
    put = function(bucket, key, body, options) return put(bucket, key, body, own.put(options)) end,
    list = function(bucket, prefix, options) return list(bucket, prefix, own.list(options)) end,
    with = function(options) return functions(own.with(options)) end,
  })
end

return functions {}
