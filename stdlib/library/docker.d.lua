---@meta moonwheel.docker

-- Containers --------------------------------------------------------------------------------------

---Containers of Docker, or of Podman by its socket. Get it by `local docker = require "moonwheel.docker"`. Who may use the
---socket is root on the machine.
---@class moonwheel.Docker
local docker = {}

---@class moonwheel.DockerOptions
---@field image string
---@field cmd string|string[]? words, or a text for `/bin/sh -c`; default that of the image
---@field entrypoint string|string[]? default that of the image
---@field env table<string, string|number>? variables
---@field mounts string[]? `"/on/this/machine:/in/the/container"`, with `:ro` behind it to read only
---@field pull string? `"missing"`, `"always"` or `"never"`; default `"missing"`
---@field auth table? for the registry: `{ username = ..., password = ..., serveraddress = ... }`
---@field memory integer|string? such as `"256M"`
---@field cpus number? such as 0.5
---@field name string? default one that nobody else has
---@field network string? such as `"none"`
---@field user string?
---@field cwd string? the folder in which it starts
---@field labels table<string, string>?
---@field remove boolean? false: the container is kept when it has ended; default true
---@field timeout moonwheel.Duration? after which it gets SIGTERM, and SIGKILL 5 s later; default none but the run's
---@field pull_timeout moonwheel.Duration? default 15 min
---@field ok_codes integer[]? exit codes that are no failure; default `{ 0 }`
---@field max_output integer|string? how much of stdout and of stderr is kept; default `"1M"`
---@field socket string? default `/var/run/docker.sock`

---How a container has ended.
---@class moonwheel.DockerResult
---@field code integer? its exit code; nil if it was ended at its timeout
---@field ok boolean? whether the code is one of `ok_codes`
---@field stdout string
---@field stderr string
---@field truncated boolean whether a part of either is left out
---@field duration number in seconds
---@field id string of the container

---Runs a container and waits for its end. Whatever ends the run before (its timeout, a cancel, a crash of the host), the
---container is ended and removed.
---
---```lua
---permissions { unix = { "/var/run/docker.sock" } }
---local docker = require "moonwheel.docker"
---every("day at 04:00", { name = "dump", timeout = "1h" }, function()
---  local done = assert(docker.run { image = "postgres:16", cmd = { "pg_dump", "--version" }, memory = "256M" })
---  print(done.stdout)
---end)
---```
---@param options moonwheel.DockerOptions
---@return moonwheel.DockerResult? result or nil
---@return string? message what the daemon says, or the exit code with the last line of stderr
---@return string? code `exit`, `timeout`, `missing`, `conflict`, `pull`, `status`, or one of `http.request`
---@return moonwheel.DockerResult? partial what there is of a result
function docker.run(options) end

---The containers that run; with `{ all = true }` also those that have ended.
---@param options? { all: boolean?, socket: string? }
---@return { id: string, name: string, image: string, state: string, status: string, created: integer, labels: table }[]? containers or nil
---@return string? message
---@return string? code
function docker.ps(options) end

---Fetches an image from its registry, also if there is one of this name already.
---@param image string
---@param options? { auth: table?, timeout: moonwheel.Duration?, socket: string? }
---@return true? done or nil
---@return string? message
---@return string? code
function docker.pull(image, options) end

return docker
