// SPDX-License-Identifier: Apache-2.0
#include "cli/build/function_image.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/image/archive.hpp"
#include "common/image/oci_layout.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* kHome = "home/app";
constexpr const char* kWatchdog = "cubeflash/watchdog";
constexpr std::size_t kMaxManifest = 4U << 20U;

// Only * is special in `output:`.
std::string as_fnmatch(const std::string& pattern) {
  std::string result;
  for (const char c : fs::path(pattern).lexically_normal().string()) {
    if (c == '?' || c == '[' || c == '\\') result += '\\';
    result += c;
  }
  while (result.ends_with('/'))
    result.pop_back();
  return result;
}

class OutputFilter {
 public:
  explicit OutputFilter(const Template& language) {
    for (const auto& pattern : language.output)
      patterns_.push_back(as_fnmatch(pattern));
    all_ = std::find(patterns_.begin(), patterns_.end(), ".") != patterns_.end();
  }

  // Chosen itself, or below what is chosen, or a directory on the way to it.
  bool operator()(const std::string& path) const {
    if (patterns_.empty()) return path != "Dockerfile" && path != "template.yml";
    return all_ || std::any_of(patterns_.begin(), patterns_.end(), [&](const auto& pattern) {
             return fits(pattern, path);
           });
  }

 private:
  static bool fits(const std::string& pattern, const std::string& path) {
    const auto depth = [](const std::string& text) {
      return std::count(text.begin(), text.end(), '/') + 1;
    };
    const auto common = std::min(depth(pattern), depth(path));
    return ::fnmatch(head(pattern, common).c_str(), head(path, common).c_str(), FNM_PATHNAME) == 0;
  }

  static std::string head(const std::string& path, std::ptrdiff_t components) {
    std::size_t end = 0;
    for (; components > 0 && end != std::string::npos; --components)
      end = path.find('/', end + (end == 0 ? 0 : 1));
    return path.substr(0, end);
  }

  std::vector<std::string> patterns_;
  bool all_ = false;
};

// What was only on the way to something chosen is of no use without it.
void drop_passages(Tree& tree, const Template& language) {
  if (language.output.empty()) return;
  std::vector<std::string> patterns;
  for (const auto& pattern : language.output)
    patterns.push_back(as_fnmatch(pattern));
  const auto chosen = [&](const std::string& path) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) {
      return pattern == "." ||
             ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME | FNM_LEADING_DIR) == 0;
    });
  };
  // Children first, so that a chain of empty directories goes as a whole.
  for (auto item = tree.end(); item != tree.begin();) {
    --item;
    const auto below = tree.lower_bound(item->first + "/");
    const bool has_children = below != tree.end() && below->first.starts_with(item->first + "/");
    if (!has_children && !chosen(item->first)) item = tree.erase(item);
  }
}

LayerEntries
layer_entries(const BuildRequest& request, const BuildInputs& inputs, const fs::path& context) {
  const OutputFilter chosen(request.language);
  Tree tree = with_context(fmt::format("function \"{}\"", request.function->name), [&] {
    return read_tree(context,
                     [&](const std::string& path, const fs::path&) { return chosen(path); });
  });
  drop_passages(tree, request.language);
  if (tree.empty())
    throw Error(
        ErrorKind::failed,
        fmt::format(
            "function \"{}\": nothing in the build context matches the output of template \"{}\"",
            request.function->name,
            request.language.name));
  // Any directory will do for those that only need to be there.
  LayerEntries entries{
      {"home", context}, {kHome, context}, {"cubeflash", context}, {kWatchdog, inputs.watchdog}};
  for (const auto& [path, entry] : tree)
    entries.emplace(fmt::format("{}/{}", kHome, path), entry.source);
  return entries;
}

ImageConfig
image_config(const BuildRequest& request, const BuildInputs& inputs, const std::string& diff_id) {
  ImageConfig config;
  config.architecture = image_architecture();
  config.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  if (!inputs.fprocess.empty()) config.env.push_back("fprocess=" + inputs.fprocess);
  config.entrypoint = {fmt::format("/{}", kWatchdog)};
  config.working_dir = fmt::format("/{}", kHome);
  config.labels = {{"dev.cubeflash.function", request.function->name},
                   {"dev.cubeflash.language", request.language.name}};
  config.diff_ids = {diff_id};
  return config;
}

bool is_whole(const OciLayout& layout, const Descriptor& blob) {
  std::error_code failure;
  return fs::file_size(layout.blob_path(blob.digest), failure) == blob.size && !failure;
}

} // namespace

std::string write_image(const BuildRequest& request,
                        const BuildInputs& inputs,
                        const std::string& inputs_digest,
                        const fs::path& context,
                        const fs::path& directory) {
  const LayerEntries entries = layer_entries(request, inputs, context);
  const OciLayout layout = OciLayout::create(directory);
  const fs::path file = directory / "layer";
  const WrittenLayer layer = write_layer(entries, file);
  fs::rename(file, layout.blob_path(layer.digest));
  ImageManifest manifest;
  manifest.config =
      layout.put_blob(to_json_text(image_config(request, inputs, layer.diff_id)), kConfigType);
  manifest.layers = {Descriptor{std::string(kLayerType), layer.digest, layer.size}};
  manifest.annotations = {{kInputsAnnotation, inputs_digest}};
  const Descriptor descriptor = layout.put_blob(to_json_text(manifest), kManifestType);
  layout.set_manifest(descriptor, inputs.tag);
  return descriptor.digest;
}

std::string find_image(const fs::path& directory, const std::string& inputs_digest) {
  try {
    const OciLayout layout = OciLayout::open(directory);
    const Descriptor descriptor = layout.manifest_descriptor();
    const auto manifest =
        parse_manifest(read_file(layout.blob_path(descriptor.digest), kMaxManifest));
    const auto found = manifest.annotations.find(kInputsAnnotation);
    const bool same = found != manifest.annotations.end() && found->second == inputs_digest;
    const bool whole = is_whole(layout, manifest.config) &&
                       std::all_of(manifest.layers.begin(),
                                   manifest.layers.end(),
                                   [&](const auto& layer) { return is_whole(layout, layer); });
    return same && whole ? descriptor.digest : "";
  } catch (const Error&) {
    return {}; // whatever is wrong with it, building anew mends it
  }
}

} // namespace cubeflash::cli
